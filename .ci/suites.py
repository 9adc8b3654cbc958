#!/usr/bin/env python3
"""Runs the recorded suites and compares pass counts with the floors committed in the project.

A floor is a number of cases that must pass: floors/conformance.json maps an area to a count, floors/corpus.json
holds one count. Floors only rise; --raise writes the present counts where they are higher.
"""
import argparse, collections, json, os, subprocess, sys, tempfile


def conformance(binary, shared):
    with tempfile.TemporaryDirectory() as folder:
        verdicts = os.path.join(folder, "verdicts.json")
        subprocess.run([sys.executable, os.path.join(shared, "conformance/run.py"), "--bin", binary, "--set", "dev",
                        "--show-failures", "0", "--json", verdicts], stdout=subprocess.DEVNULL, check=False)
        passed, total = collections.Counter(), collections.Counter()
        for case, good in json.load(open(verdicts)).items():
            area = case.split("/")[0]
            total[area] += 1
            passed[area] += bool(good)
        return passed, total


def corpus(binary, shared):
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.jsonl")
        run = subprocess.run([sys.executable, os.path.join(shared, "corpus/run.py"), "--bin", binary, "--show", "0",
                              "--report", report], capture_output=True, text=True, check=False)
        failed = collections.Counter(json.loads(line)["id"].rsplit("--", 1)[-1] for line in open(report))
        total = sum(1 for _ in open(os.path.join(shared, "corpus/dev/cases.jsonl")))
        return {"all": total - sum(failed.values())}, {"all": total}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--floors", required=True)
    parser.add_argument("--raise", dest="raise_floors", action="store_true")
    parser.add_argument("--suite", action="append")
    options = parser.parse_args()
    bad = total_passed = total_failed = 0
    for name, suite in (("conformance", conformance), ("corpus", corpus)):
        if options.suite and name not in options.suite:
            continue
        path = os.path.join(options.floors, name + ".json")
        floors = json.load(open(path)) if os.path.exists(path) else {}
        passed, total = suite(os.path.abspath(options.bin), options.shared)
        for area in sorted(total):
            floor = floors.get(area, 0)
            mark = "ok" if passed[area] >= floor else "BELOW THE FLOOR"
            bad += passed[area] < floor
            print(f"{name} {area}: {passed[area]} of {total[area]} (floor {floor}) {mark}")
            total_passed += passed[area]
            total_failed += total[area] - passed[area]
            floors[area] = max(floor, passed[area])
        if options.raise_floors:
            with open(path, "w") as file:
                json.dump(floors, file, indent=1, sort_keys=True)
                file.write("\n")
    print(f"recorded cases: {total_passed} equal, {total_failed} not")
    sys.exit(1 if bad else 0)


main()
