"""Scores all answers with our evaluator and writes RESULTS.md from the scores, the facts of each peer, and remarks.md."""

import datetime
import json
import os
import platform
import re
from pathlib import Path

from own import evaluate, own_facts
from shared import WORK

PEERS = {
    "dictionary": "casecoder",
    "threshold": "casecoder, one threshold for best F1",
    "labels": "casecoder, labels without context",
    "majority": "most frequent codes of train",
    "spacy": "spaCy PhraseMatcher and medspaCy ConText",
    "annif-mllm": "Annif MLLM",
    "annif-omikuji": "Annif Omikuji (Bonsai)",
    "annif-ensemble": "Annif ensemble of both",
    "tfidf": "TF-IDF and logistic regression",
    "minilm-cosine": "MiniLM, cosine to concept texts",
    "minilm-linear": "MiniLM and logistic regression",
}
MEASURES = {
    "precision": "precision", "recall": "recall", "f1": "F1", "need/f1": "F1 need", "incident/f1": "F1 incident",
    "intervention/f1": "F1 intervention", "macro_f1": "F1, mean over concepts", "coverage": "coverage at precision 0.90",
    "top_ten": "recall among the ten surest", "leak": "denied or hypothetical, suggested", "calibration_error": "calibration error",
}
# What the others are compared with: as it comes, and tuned as they are.
OURS = ("dictionary", "threshold")
ATTRIBUTES = ("presence", "time", "subject", "role", "stage", "evidence")


def main():
    reports, facts, validate, changes = {}, {}, {}, {}
    # Peaks of children only ever rise, so ours is measured before anything else is started.
    facts["dictionary"], facts["labels"] = own_facts("dictionary"), own_facts("labels")
    for name in PEERS:
        if name in facts:
            given = {split: ["--source", name] for split in ("validate", "test")}
        elif (WORK / f"{name}.facts.json").exists():
            facts[name] = json.loads((WORK / f"{name}.facts.json").read_text())
            given = {split: ["--answers", str(WORK / f"{name}.{split}.jsonl")] for split in ("validate", "test")}
        else:
            continue
        validate[name] = {m["key"]: m for m in evaluate(*given["validate"], split="validate")["measures"]}
        report = evaluate(*given["test"])
        reports[name] = {m["key"]: m for m in report["measures"]}
        if name in OURS:
            kept = WORK / f"{name}.report.json"
            kept.write_text(json.dumps({key: value for key, value in report.items() if key != "changes"}))
        for ours in OURS:
            if name not in OURS and (WORK / f"{ours}.report.json").exists():
                changes[name, ours] = evaluate(*given["test"], "--baseline", str(WORK / f"{ours}.report.json"))["changes"]
    text = Path("remarks.md").read_text(encoding="utf-8")
    made = {"DATE": today(), "MACHINE": machine(), "TABLE": quality(reports), "CONTEXT": context(reports), "COST": cost(facts)}
    made |= {"TUNED": tuned(facts, validate), "AGAINST": against(changes, "dictionary"), "ALIKE": against(changes, "threshold")}
    for mark, part in made.items():
        text = text.replace(f"{{{mark}}}", part)
    Path("RESULTS.md").write_text(text, encoding="utf-8")


def rows(head, body):
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def today():
    return datetime.date.today().isoformat()


def machine():
    """In words, and without its name."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 2**20
    return f"{os.cpu_count()} cores ({model.group(1).strip() if model else platform.machine()}), {memory:.0f} GiB of memory, no GPU; Python {platform.python_version()}"


def cell(measure):
    return f"{measure['value']:.2f} [{measure['low']:.2f}, {measure['high']:.2f}]"


def quality(reports):
    show = lambda measure: cell(measure) if measure["key"] in ("precision", "recall", "f1") else f"{measure['value']:.2f}"
    body = [[title, *(show(reports[name][key]) for key in MEASURES)] for name, title in PEERS.items() if name in reports]
    return rows(["tool", *MEASURES.values()], body)


def context(reports):
    with_any = [name for name in reports if reports[name]["presence"]["whole"] or reports[name]["evidence"]["part"]]
    show = lambda m: f"{m['value']:.2f} ({m['part']} of {m['whole']})" if m["whole"] and (m["part"] or m["key"] != "evidence") else "-"
    return rows(["tool", *ATTRIBUTES], [[PEERS[name], *(show(reports[name][key]) for key in ATTRIBUTES)] for name in with_any])


def cost(facts):
    number = lambda value, form: "-" if value is None else format(value, form)
    body = [[PEERS[n], number(f["notes_a_second"], ",.0f"), number(f["peak_mib"], ",.0f"), number(f["train_seconds"], ",.1f"), f["versions"]] for n, f in ordered(facts)]
    return rows(["tool", "notes a second", "peak memory, MiB", "training, s", "versions"], body)


def tuned(facts, validate):
    return rows(["tool", "chosen on validate", "F1 on validate"], [[PEERS[n], f["tuned"], f"{validate[n]['f1']['value']:.2f}"] for n, f in ordered(facts)])


def ordered(facts):
    return [(name, facts[name]) for name in PEERS if name in facts]


def against(changes, ours):
    """What is beyond noise, by the paired bootstrap of our evaluator."""
    body = []
    for (name, other), measures in changes.items():
        if other == ours:
            said = lambda verdict: "; ".join(f"{MEASURES[c['key']]} {c['after']:.2f} to {c['before']:.2f}" for c in measures if c["verdict"] == verdict and c["key"] in MEASURES)
            body.append([PEERS[name], said("better") or "nothing", said("worse") or "nothing"])
    return rows(["tool", "better than casecoder", "worse than casecoder"], body)


if __name__ == "__main__":
    main()
