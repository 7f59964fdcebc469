"""A result as a table of text."""


def render(result):
    others = [other(row) for row in result["rows"] if set(row) - KNOWN - COMPARED or
              "ratio" not in row]
    rows = [HEAD] + [cells(row) for row in result["rows"] if "ratio" in row]
    if len(rows) == 1:
        return "\n".join([heading(result), "", *others])
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = [line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([heading(result), "", *lines, "", *others])


HEAD = ("what", "store", "case", "ours", "base", "", "ratio", "min-max", "aim", "p99 us",
        "/base p99", "/base p50", "cpu us", "base")

KNOWN = {"bench", "store", "case", "unit", "program", "aim"}
# What stands in the table already.
COMPARED = {side + name for side in ("", "base_") for name in
            ("rate", "rate_min", "rate_max", "cpu_us", "p50_us", "p99_us")}
COMPARED |= {"ratio", "ratio_min", "ratio_max"}


def heading(result):
    machine = result["machine"]
    return (f"{result['date']}, commit {result['commit']}; {machine['cpu']}, "
            f"{machine['cores']} cores, {machine['filesystem']}; load "
            f"{result['load_average']['before'][0]:.1f} to {result['load_average']['after'][0]:.1f}")


def cells(row):
    aim = row.get("aim")
    missed = aim and row["ratio"] < aim
    return (row["bench"], row["store"], row["case"], f"{row['rate']:,.0f}",
            f"{row['base_rate']:,.0f}", row["unit"],
            f"{row['ratio']:.2f}" + (" <" if missed else ""),
            f"{row['ratio_min']:.2f}-{row['ratio_max']:.2f}", f"{aim}" if aim else "",
            f"{row['p99_us']:,.0f}" if "p99_us" in row else "",
            times(row, "base_p99_us"), times(row, "base_p50_us"), f"{row['cpu_us']:.1f}",
            f"{row['base_cpu_us']:.1f}")


def times(row, base):
    """Our p99 as a multiple of the baseline's."""
    if "p99_us" not in row or not row.get(base):
        return ""
    return f"{row['p99_us'] / row[base]:.1f}"


def line(row, widths):
    return "  ".join(cell.ljust(width) if i in (0, 1, 2, 5) else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(row, widths))).rstrip()


def other(row):
    shown = KNOWN | COMPARED if "ratio" in row else KNOWN
    values = ", ".join(f"{name} {value:,.6g}" for name, value in row.items() if name not in shown)
    return f"{row['bench']} {row['store']} {row['case']}: {values}"
