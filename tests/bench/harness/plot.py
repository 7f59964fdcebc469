"""A result as a picture. Needs matplotlib, which nothing else here does."""

COLOURS = {"rocksdb": "#1b6ca8", "sqlite": "#d9822b", "postgres": "#3d8b5f", "memory": "#8a8a8a"}


def draw(result, file):
    """Says what came of it."""
    rows = [row for row in result["rows"] if "ratio" in row]
    if not rows:
        return "no plot: no ratios"
    try:
        import matplotlib
    except ImportError:
        return "no plot: install python3-matplotlib for one"
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "libmsg"  # the same figures give the same file
    matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
    from matplotlib import pyplot

    kinds = list(dict.fromkeys(row["bench"] for row in rows))
    heights = [1 + 0.25 * count(rows, kind) for kind in kinds]
    figure, places = pyplot.subplots(len(kinds), 1, squeeze=False, figsize=(11, sum(heights) + 1),
                                     gridspec_kw={"height_ratios": heights})
    for kind, place in zip(kinds, places[:, 0]):
        draw_kind(place, kind, [row for row in rows if row["bench"] == kind])
    figure.suptitle(f"Ratio to the baseline of the same run; commit {result['commit']}")
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.5 / (sum(heights) + 1)))
    figure.savefig(file, metadata={"Date": None})
    return f"plot: {file}"


def count(rows, kind):
    return sum(row["bench"] == kind for row in rows)


def draw_kind(place, kind, rows):
    labels = [f"{row['store']}, {row['case']}" for row in rows]
    ratios = [row["ratio"] for row in rows]
    spread = [[row["ratio"] - row["ratio_min"] for row in rows],
              [row["ratio_max"] - row["ratio"] for row in rows]]
    place.barh(labels, ratios, xerr=spread, color=[COLOURS[row["store"]] for row in rows],
               ecolor="#444444")
    for at, row in enumerate(rows):
        if "aim" in row:
            place.plot([row["aim"]] * 2, [at - 0.4, at + 0.4], color="black")
    place.set_xlim(0, max(1.1, 1.05 * max(ratios)))
    place.axvline(1, color="#bbbbbb", zorder=0)
    place.set_title(kind, loc="left")
    place.invert_yaxis()
