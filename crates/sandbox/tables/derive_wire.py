#!/usr/bin/env python3
"""Derives wire.txt from types.txt and the generated.proto files of k8s.io/api and apimachinery.

    derive_wire.py PROTO_ROOT

wire.txt has one line per type of types.txt: the protobuf numbers of its fields as `name=number`. Fields of a Go struct that
is inlined in JSON but a message of its own in protobuf have a path of numbers: `hostPath=2.1`. Types without a message in
those files have an empty line.
"""
import glob, os, re, sys

root = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
messages = {}
for path in glob.glob(root + '/**/generated.proto', recursive=True):
    parts = path.split('/')
    package = parts[-3] + '.' + parts[-2]
    text = re.sub(r'//.*', '', open(path).read())
    for found in re.finditer(r'^message (\w+) \{\n(.*?)^\}', text, re.S | re.M):
        fields = []
        for kind, name, number in re.findall(r'^\s+(?:optional|repeated|required)?\s*(map<[^>]*>|\.?[\w.]+) (\w+) = (\d+)',
                                             found.group(2), re.M):
            fields.append((name, kind, number))
        messages[package + '.' + found.group(1)] = fields


def message_of(package, kind):
    name = kind.lstrip('.')
    if '.' in name:
        parts = name.split('.')
        return '.'.join(parts[-3:])
    return package + '.' + name


lines = []
unknown = []
for line in open(here + '/types.txt'):
    columns = line.rstrip('\n').split('\t')
    full = columns[0] + '.' + columns[1]
    wanted = {c.split(' ')[0] for c in columns[3:]}
    if full not in messages:
        lines.append('')
        continue
    out = {}

    def walk(message, prefix, depth):
        for name, kind, number in messages.get(message, []):
            path = prefix + number
            # A few are written `Expression` or `uID`.
            name = next((w for w in wanted if w.lower() == name.lower()), name)
            if name in wanted and name not in out:
                out[name] = path
            elif depth < 3 and message_of(columns[0], kind) in messages:
                walk(message_of(columns[0], kind), path + '.', depth + 1)

    walk(full, '', 0)
    left = wanted - set(out) - {'kind', 'apiVersion'}
    if left:
        unknown.append((full, sorted(left)))
    lines.append(' '.join('%s=%s' % pair for pair in out.items()))
open(here + '/wire.txt', 'w').write('\n'.join(lines) + '\n')
print('types', len(lines), 'with numbers', sum(1 for l in lines if l), 'without number', unknown, file=sys.stderr)
