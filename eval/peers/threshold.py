"""Our own engine at one threshold for best F1 on validate, as all peers are. By itself it shows less and is surer."""

import json
import subprocess

from own import PROGRAM
from shared import FLOOR, WORK, notes, stored, write_facts

THRESHOLDS = [at / 100 for at in range(5, 96)]


def answers(split):
    """All that the engine finds, however unsure; what its own thresholds hide is there too."""
    lines = "".join(json.dumps({"id": note["id"], "text": note["text"]}) + "\n" for note in notes(split))
    command = [PROGRAM[0], "suggest", *PROGRAM[1:], "--min-confidence", str(FLOOR), "--input-format", "jsonl"]
    done = subprocess.run(command, input=lines, text=True, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def f1(given, gold, threshold):
    found = [{(s["scheme"], s["notation"]) for s in answer["suggestions"] if s["confidence"] >= threshold} for answer in given]
    right = sum(len(a & b) for a, b in zip(found, gold))
    return 2 * right / max(sum(map(len, found)) + sum(map(len, gold)), 1)


def main():
    given = {split: answers(split) for split in ("validate", "test")}
    gold = [stored(note) for note in notes("validate")]
    threshold = max(THRESHOLDS, key=lambda at: f1(given["validate"], gold, at))
    print(f"  casecoder: F1 on validate {f1(given['validate'], gold, threshold):.3f} at {threshold:.2f}")
    for split, lines in given.items():
        with open(WORK / f"threshold.{split}.jsonl", "w", encoding="utf-8") as file:
            for answer in lines:
                for suggestion in answer["suggestions"]:
                    suggestion["band"] = "review" if suggestion["confidence"] >= threshold else "low"
                file.write(json.dumps(answer) + "\n")
    tuned = f"one threshold, {threshold:.2f} (of {len(THRESHOLDS)} from {THRESHOLDS[0]:.2f} to {THRESHOLDS[-1]:.2f})"
    write_facts("threshold", "as above", tuned, None, None, measured=False)


if __name__ == "__main__":
    main()
