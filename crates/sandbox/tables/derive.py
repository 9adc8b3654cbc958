#!/usr/bin/env python3
"""Derives types.txt and kinds.txt from public Kubernetes API descriptions.

    derive.py DISCOVERY_DIR PATCHMETA_JSON GO_ROOT

DISCOVERY_DIR holds the discovery documents of an API server (apis.json.gz, apis_apps_v1.json.gz, ...), PATCHMETA_JSON the
list types, merge keys and defaults taken from its OpenAPI v3 documents, GO_ROOT the checkouts of k8s.io/api,
apimachinery, apiextensions-apiserver and kube-aggregator: only they say which fields are pointers and which are omitted
when empty. Output format: see src/schema/table.rs and src/kinds/table.rs.
"""
import gzip, glob, json, os, re, sys

disc, patchmeta, goroot = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))
pm = json.load(open(patchmeta))
types = pm['types']

# ---- Go structs
pkgs = {}
for f in glob.glob(goroot + '/**/*types*.go', recursive=True):
    d = os.path.dirname(f)
    parts = d.split('/')
    name = {'meta': 'meta'}.get(parts[-2], parts[-2]) + '.' + parts[-1]
    if '/testdata/' in f: continue
    src = open(f).read()
    for m in re.finditer(r'^type (\w+) struct \{\n(.*?)^\}', src, re.S | re.M):
        fields = []
        for line in m.group(2).split('\n'):
            line = line.strip()
            if line.startswith('//') or not line: continue
            g = re.match(r'(?:(\w+)\s+)?([\w\.\*\[\]]+)(?:\s+`([^`]*)`)?', line)
            if not g: continue
            fname, gtype, tag = g.groups()
            j = re.search(r'json:"([^"]*)"', tag or '')
            j = j.group(1).split(',') if j else ['']
            fields.append((fname, gtype, j[0], j[1:]))
        pkgs.setdefault(name, {})[m.group(1)] = fields

ALIAS = {'metav1': 'meta.v1', 'corev1': 'core.v1', 'v1': None, 'core': 'core.v1'}
def resolve(pkg, t):
    t = t.lstrip('*')
    if '.' in t:
        a, n = t.split('.')
        for p in ([ALIAS.get(a)] if ALIAS.get(a) else []) + ['core.v1', 'meta.v1', 'authentication.v1', 'authorization.v1', 'apps.v1', 'autoscaling.v1']:
            if p in pkgs and n in pkgs[p]: return p, n
        return None
    return (pkg, t) if t in pkgs.get(pkg, {}) else None

def flat(pkg, name, seen=0):
    out = {}
    for fname, gtype, jn, opts in pkgs.get(pkg, {}).get(name, []):
        if jn == '-': continue
        if ('inline' in opts or (not fname and not jn)) and seen < 5:
            r = resolve(pkg, gtype)
            if r: out.update(flat(*r, seen + 1))
            continue
        if jn: out[jn] = (gtype, opts)
    return out

SC = {'string': 's', 'int32': 'i', 'int64': 'l', 'bool': 'b', 'quantity': 'q', 'time': 't', 'microtime': 'm', 'int-or-string': 'x',
      'bytes': 'y', 'any': 'a', 'number': 'n'}
names = sorted(t for t in types)
index = {n: i for i, n in enumerate(names)}
missing = []
def code(f, o):
    if isinstance(f, str): f = {'r': f[1:]} if f.startswith('#') else {'t': f}
    if 'r' in f: return '#%d' % index[f['r']]
    if f['t'] == 'list': return 'L' + code(f.get('of', 'any'), [])
    if f['t'] == 'map': return 'M' + code(f.get('of', 'any'), [])
    return SC[f['t']]

lines = []
for n in names:
    t = types[n]
    pkg, short = n.rsplit('.', 1)
    if t.get('t'):
        lines.append('%s\t%s\t!%s' % (pkg, short, t.get('t'))); continue
    go = flat(pkg, short)
    if not go: missing.append(n)
    req = set(t.get('req', []))
    fl = []
    order = {k: i for i, k in enumerate(go)}
    for fn, f in sorted(t['f'].items(), key=lambda kv: order.get(kv[0], 999)):
        a = []
        fd = f if isinstance(f, dict) else {}
        g = go.get(fn)
        if g:
            if g[0].startswith('*'): a.append('p')
            if 'omitempty' in g[1]: a.append('o')
            if 'omitzero' in g[1]: a.append('z')
        else:
            if go: missing.append(n + '/' + fn)
            a.append('o')
        if fn in req: a.append('r')
        if fd.get('lt') == 'map': a.append('k=' + ','.join(fd['lk']))
        elif fd.get('lt') == 'set': a.append('set')
        if fd.get('mt') == 'atomic': a.append('atomic')
        # `+structType=granular` in the source of the types; published schemas leave it out.
        if (short, fn) == ('PersistentVolumeSpec', 'claimRef'): a.append('granular')
        ps = fd.get('ps', '')
        if 'merge' in ps: a.append('m=' + fd.get('mk', ''))
        if 'retainKeys' in ps: a.append('rk')
        if ps == 'replace': a.append('rep')
        if 'd' in fd: a.append('d=' + json.dumps(fd['d']))
        fl.append(fn + ' ' + code(f, a) + (' ' + ' '.join(a) if a else ''))
    lines.append('\t'.join([pkg, short, 'atomic' if t.get('mt') == 'atomic' else ''] + fl))
open(here + '/types.txt', 'w').write('\n'.join(lines) + '\n')
print('types', len(lines), 'missing', missing[:40], len(missing), file=sys.stderr)

# ---- kinds
GEN = set('Pod ReplicationController StatefulSet ReplicaSet Deployment DaemonSet Job CronJob PodTemplate PodDisruptionBudget Ingress NetworkPolicy EndpointSlice PriorityClass IngressClass MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding CustomResourceDefinition FlowSchema PriorityLevelConfiguration DeviceClass'.split())
RETURNS = set('Service Pod PersistentVolumeClaim PersistentVolume ServiceAccount PodTemplate ResourceQuota ReplicationController StorageClass CSIDriver ResourceClaim ResourceClaimTemplate DeviceClass'.split())
NEEDRV = set('PodDisruptionBudget Lease CSIDriver CSIStorageCapacity RuntimeClass MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding APIService CustomResourceDefinition'.split())
apis = json.load(gzip.open(disc + '/apis.json.gz'))
gvs = [('', 'v1')] + [(g['name'], v['version']) for g in apis['groups'] for v in g['versions']]
V = {'create': 'c', 'delete': 'd', 'deletecollection': 'D', 'get': 'g', 'list': 'l', 'patch': 'p', 'update': 'u', 'watch': 'w'}
out = []
for g, v in gvs:
    doc = json.load(gzip.open(disc + '/' + ('api_v1' if not g else 'apis_%s_%s' % (g, v)) + '.json.gz'))
    rs = doc['resources']
    for r in rs:
        if '/' in r['name']: continue
        gv = (g + '/' if g else '') + v
        tn = pm['kinds'].get(gv + ' ' + r['kind'])
        flags = ('N' if r['namespaced'] else 'C') + ('g' if r['kind'] in GEN else '') + ('r' if r['kind'] in RETURNS else '') + ('v' if r['kind'] in NEEDRV else '')
        subs = []
        for s in rs:
            if s['name'].startswith(r['name'] + '/'):
                k = s['kind'] if 'group' not in s else '%s/%s/%s' % (s['group'], s['version'], s['kind'])
                subs.append('%s:%s:%s' % (s['name'].split('/')[1], k, ''.join(V[x] for x in s['verbs'])))
        out.append('\t'.join([g, v, r['kind'], r['name'], r['singularName'], ','.join(r.get('shortNames') or []), ','.join(r.get('categories') or []),
                              flags, ''.join(V[x] for x in r['verbs']), str(index[tn]) if tn else '-', r.get('storageVersionHash', ''), ' '.join(subs)]))
open(here + '/kinds.txt', 'w').write('\n'.join(out) + '\n')
print('kinds', len(out), [l.split('\t')[2] for l in out if '\t-\t' in l], file=sys.stderr)
