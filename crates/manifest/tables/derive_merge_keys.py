#!/usr/bin/env python3
"""Writes merge_keys.txt: how lists and structs of built-in kinds merge in strategic patches.

usage: derive_merge_keys.py PATCHMETA.json > merge_keys.txt

PATCHMETA.json is derived from Kubernetes' OpenAPI description (x-kubernetes-patch-strategy and -merge-key):
{"kinds": {"apps/v1 Deployment": TYPE}, "types": {TYPE: {"f": {FIELD: "#TYPE" | {"t", "of", "r", "ps", "mk"}}}}}.

Lines: `K<tab>apiVersion Kind<tab>number` and `T<tab>number<tab>field=strategies:key:number ...`; types and fields
without any strategy below them are left out.
"""
import json
import sys

meta = json.load(open(sys.argv[1]))
types, kinds = meta["types"], meta["kinds"]


def parts(field):
    if isinstance(field, str):
        return "", "", field[1:] if field.startswith("#") else ""
    ref = field.get("r") or ""
    for name in ("of", "t"):
        value = field.get(name)
        if not ref and isinstance(value, str) and value.startswith("#"):
            ref = value[1:]
    return field.get("ps", ""), field.get("mk", ""), ref.lstrip("#")


useful = set()
changed = True
while changed:
    changed = False
    for name, spec in types.items():
        if name in useful:
            continue
        for field in spec.get("f", {}).values():
            strategy, _, ref = parts(field)
            if strategy or ref in useful:
                useful.add(name)
                changed = True
                break

number = {name: index for index, name in enumerate(sorted(useful))}
for kind, name in sorted(kinds.items()):
    print("K", kind, number.get(name, "-"), sep="\t")
for name in sorted(useful):
    cells = []
    for field, spec in sorted(types[name]["f"].items()):
        strategy, key, ref = parts(spec)
        if strategy or ref in useful:
            cells.append(f"{field}={strategy}:{key}:{number.get(ref, '')}")
    print("T", number[name], " ".join(cells), sep="\t")
