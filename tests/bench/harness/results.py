"""Results as files: JSON with a line for each row, so that a change of one shows as one."""

import json


def write(folder, name, result):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    head = {key: value for key, value in result.items() if key != "rows"}
    rows = ",\n".join("  " + json.dumps(row) for row in result["rows"])
    text = json.dumps(head, indent=1)[:-2] + ',\n "rows": [\n' + rows + "\n ]\n}\n"
    file.write_text(text, encoding="utf-8")
    return file


def record(file, result):
    """The lowest ratio of several runs is what a run is sure to reach."""
    if file.exists():
        before = {key(row): row for row in json.loads(file.read_text())["rows"]}
        lower = [min(row, before.get(key(row), row), key=lambda one: one.get("ratio", 0))
                 for row in result["rows"]]
        result = {**result, "rows": lower}
    write(file.parent, file.stem, result)


def key(row):
    return row["program"], row["bench"], row["store"], row["case"]
