"""Regressions: a ratio below half of the recorded one, twice."""

import json

from harness import results

SHARE = 0.5
FIGURES = ("ratio", "payload_share")


def check(file, rows, measure_again):
    """What is too slow, a sentence each. Rows that are get a second chance, which replaces them
    when it is better: a shared machine may have a bad minute."""
    recorded = {results.key(row): row for row in json.loads(file.read_text())["rows"]}
    suspects = [row for row in rows if complaint(row, recorded)]
    if not suspects:
        return []
    again = {results.key(row): row
             for row in measure_again(sorted({row["program"] for row in suspects}))}
    for row in suspects:
        better = again.get(results.key(row), row)
        if better.get("ratio", 0) > row.get("ratio", 0):
            row.update(better)
    return [sentence for row in suspects if (sentence := complaint(row, recorded))]


def complaint(row, recorded):
    before = recorded.get(results.key(row))
    if before is None:
        return None
    for figure in FIGURES:
        if figure in row and figure in before and row[figure] < SHARE * before[figure]:
            return (f"{row['store']}, {row['bench']}, {row['case']}: {figure} is "
                    f"{row[figure]:.2f}, recorded {before[figure]:.2f}")
    return None
