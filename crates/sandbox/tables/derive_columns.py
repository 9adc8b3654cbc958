#!/usr/bin/env python3
"""Derives columns.txt, the columns of tables per kind.

    derive_columns.py PRINTERS_GO OPENAPI_V2_JSON_GZ

PRINTERS_GO is pkg/printers/internalversion/printers.go of Kubernetes, which names the columns; descriptions that it takes from
the documentation of API fields are looked up in the OpenAPI document. One line per kind: its storage name, then one column per
tab: name|type|format|priority|description, where `$name` and `$created` stand for those of metadata and \\n is a line break.
"""
import gzip, json, os, re, sys

here = os.path.dirname(os.path.abspath(__file__))
source = open(sys.argv[1]).read()
definitions = json.load(gzip.open(sys.argv[2]))['definitions']
docs = {}
for name, schema in definitions.items():
    short = name.split('.')[-1]
    for field, about in schema.get('properties', {}).items():
        docs.setdefault((short, field), about.get('description', ''))

kinds = {}
for line in open(here + '/kinds.txt'):
    group, _, kind, plural = line.split('\t')[:4]
    kinds[kind.lower()] = '/events' if plural == 'events' else group + '/' + plural
ALIASES = {'endpoint': 'endpoints', 'mutatingwebhook': 'mutatingwebhookconfiguration', 'validatingwebhook': 'validatingwebhookconfiguration',
           'prioritylevel': 'prioritylevelconfiguration', 'resourceslice': 'resourceslice', 'noderesourceslice': 'resourceslice',
           'certificatesigningrequest': 'certificatesigningrequest', 'certificate': 'certificatesigningrequest', 'rolebindings': 'rolebinding',
           'clusterrolebindings': 'clusterrolebinding'}

out = {}
for found in re.finditer(r'(\w+) :?= (?:append\(\w+, )?\[\]metav1\.TableColumnDefinition\{\n(.*?)\n\t\}', source, re.S):
    name = re.sub(r'ColumnDefinit\w+$', '', found.group(1))
    storage = kinds.get(ALIASES.get(name.lower(), name.lower()))
    if not storage:
        print('no kind for', name, file=sys.stderr)
        continue
    for row in re.findall(r'\{(Name:.*?)\},\n', found.group(2) + '\n'):
        get = lambda key: (re.search(key + r': "?([\w\- /()]*)', row) or [0, ''])[1]
        doc = re.search(r'Description: (.*)$', row).group(1)
        if doc.startswith('metav1.ObjectMeta{}.SwaggerDoc()["name"]'):
            text = '$name'
        elif doc.startswith('metav1.ObjectMeta{}.SwaggerDoc()["creationTimestamp"]'):
            text = '$created'
        elif 'SwaggerDoc' in doc:
            owner, field = re.match(r'\w+\.(\w+)\{\}.*?SwaggerDoc\(\)\["(\w+)"\]', doc).groups()
            owner = 'ObjectReference' if '.InvolvedObject' in doc else owner
            text = docs.get((owner, field), '')
            # The printers quote the older version, which does not say so yet.
            text = text.replace(' This field is immutable.', '') if field == 'roleRef' else text
        else:
            text = json.loads(doc)
        title = re.search(r'Name: "([^"]*)"', row).group(1)
        cell = '|'.join([title, get('Type'), get('Format'), get('Priority') or '0', text.replace('\n', '\\n')])
        if cell not in out.setdefault(storage, []):
            out[storage].append(cell)
# Gone since 1.34: the secrets of a ServiceAccount.
out['/serviceaccounts'] = [c for c in out['/serviceaccounts'] if not c.startswith('Secrets|')]
with open(here + '/columns.txt', 'w') as file:
    for storage, cells in out.items():
        file.write('\t'.join([storage] + cells) + '\n')
