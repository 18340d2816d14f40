"""Takes out of gaps.json what is mended, and writes anew what is different where it is not.

    python tests/oracle/write_gaps.py

Nothing is added. Descriptions that are not there (the corpus, GitHub's) keep their entries.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lowered import sweep  # noqa: E402


def looked_at() -> sweep.Gaps:
    """What differs in all descriptions that are there."""
    found = {name: sweep.case_gaps(expected, verdicts) for name, expected, verdicts in sweep.of_cases()}
    found |= {name: sweep.open_gaps(made) for name, made in sweep.of_styles()}
    shared = HERE.parents[2] / "shared"
    if (shared / "corpus").is_dir():
        found |= {name: sweep.open_gaps(sweep.of_document(path)) for name, path in sweep.documents(shared)}
    if sweep.github().is_file():
        found[sweep.GITHUB] = sweep.open_gaps(sweep.of_document(sweep.github()))
    return found


def main() -> None:
    known, found = sweep.known_gaps(), looked_at()
    left = {
        name: {key: found[name][key] for key in keys if key in found[name]} if name in found else keys
        for name, keys in known.items()
    }
    text = json.dumps({name: keys for name, keys in left.items() if keys}, indent=1, ensure_ascii=False)
    sweep.GAPS.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
