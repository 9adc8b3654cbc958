#!/usr/bin/env python3
"""Derives openapi.z, the OpenAPI documents of the built-in kinds, from those that an API server gives.

    derive_openapi.py OPENAPI_DIR

OPENAPI_DIR holds v2.json.gz, v3-index.json.gz and v3/*.json.gz. The documents repeat themselves a lot, so every subtree that
occurs twice is written once: openapi.z is zlib-compressed JSON {"shared": [..], "documents": {path: {"hash", "body"}}}, where
{"$$": n} stands for shared subtree n.
"""
import collections, glob, gzip, json, os, re, sys, zlib

root = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
index = json.load(gzip.open(root + '/v3-index.json.gz'))['paths']
bodies = {}
hashes = {}
for path, entry in index.items():
    name = path.strip('.').replace('/', '_').replace('.well-known', 'well-known')
    file = root + '/v3/' + name + '.json.gz'
    if not os.path.exists(file):
        print('no file for', path, file, file=sys.stderr)
        continue
    bodies[path] = json.load(gzip.open(file))
    hashes[path] = entry['serverRelativeURL'].split('hash=')[1]
bodies['v2'] = json.load(gzip.open(root + '/v2.json.gz'))
hashes['v2'] = ''

text = lambda tree: json.dumps(tree, separators=(',', ':'))
counts = collections.Counter()
def count(tree):
    if isinstance(tree, (dict, list)):
        key = text(tree)
        counts[key] += 1
        if counts[key] == 1:
            for child in tree.values() if isinstance(tree, dict) else tree:
                count(child)
for body in bodies.values():
    count(body)

shared, places = [], {}
def fold(tree):
    if not isinstance(tree, (dict, list)):
        return tree
    key = text(tree)
    wanted = counts[key] > 1 and len(key) > 48
    if wanted and key in places:
        return {'$$': places[key]}
    folded = {k: fold(v) for k, v in tree.items()} if isinstance(tree, dict) else [fold(v) for v in tree]
    if not wanted:
        return folded
    places[key] = len(shared)
    shared.append(folded)
    return {'$$': places[key]}

documents = {path: {'hash': hashes[path], 'body': fold(body)} for path, body in bodies.items()}
whole = text({'shared': shared, 'documents': documents}).encode()
packed = zlib.compress(whole, 9)
open(here + '/openapi.z', 'wb').write(packed)
print(len(documents), 'documents', len(shared), 'shared', len(whole), 'bytes', len(packed), 'packed', file=sys.stderr)
