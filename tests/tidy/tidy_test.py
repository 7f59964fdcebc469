#!/usr/bin/env python3
"""Plants each fault in an otherwise clean tree and expects tidy.py to name it, and only it."""

import tempfile
import unittest
from pathlib import Path

import tidy

HEAD = tidy.SPDX + "\n"
PUBLIC = "libmsg/include/msg/x.h"
LONG_BODY = "  work();\n" * 70


class Tidy(unittest.TestCase):
    def findings(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                once = "#pragma once\n" if name.endswith(".h") and "pragma" not in text else ""
                path.write_text((HEAD if name.endswith((".h", ".cpp")) else "") + once + text)
            return [(found.rule, found.line) for found in tidy.check_tree(folder)]

    def expect(self, rule, line, path, text):
        self.assertEqual(self.findings({path: text}), [(rule, line)], text)

    def expect_clean(self, path, text):
        self.assertEqual(self.findings({path: text}), [], text)

    def test_public_headers(self):
        self.expect_clean(PUBLIC, '#include <vector>\n#include "msg/y.h"\n')
        self.expect("public_headers_stand_alone", 3, PUBLIC, '#include "core/y.h"\n')
        self.expect("public_headers_stand_alone", 3, PUBLIC, "#include <sodium.h>\n")

    def test_library_dependencies(self):
        self.expect("library_is_lean", 2, "libmsg/src/core/x.cpp", "#include <boost/json.hpp>\n")
        self.expect("library_is_lean", 2, "libmsg/src/core/x.cpp", "#include <fmt/core.h>\n")
        self.expect("foreign_libraries_stay_in_place", 2, "libmsg/src/core/x.cpp",
                    "#include <sqlite3.h>\n")
        self.expect("foreign_libraries_stay_in_place", 2, "libmsg/src/core/x.cpp",
                    "#include <rocksdb/db.h>\n")
        self.expect_clean("libmsg/src/store/sqlite/x.cpp", "#include <sqlite3.h>\n")
        self.expect_clean("libmsg/src/store/rocksdb/x.cpp", "#include <rocksdb/db.h>\n")

    def test_library_layers(self):
        sqlite = "libmsg/src/store/sqlite/x.cpp"
        self.expect("library_layers", 2, sqlite, '#include "store/memory/y.h"\n')
        self.expect("library_layers", 2, sqlite, '#include "store/kv/y.h"\n')
        self.expect_clean(sqlite, '#include "store/sqlite/y.h"\n#include "store/store.h"\n')
        self.expect_clean("libmsg/src/store/memory/x.cpp", '#include "store/kv/y.h"\n')
        self.expect("library_layers", 2, "libmsg/src/messenger/x.cpp", '#include "store/sqlite/y.h"\n')
        self.expect_clean("libmsg/src/messenger/open.cpp", '#include "store/sqlite/y.h"\n')
        self.expect("library_layers", 2, "libmsg/src/core/x.cpp", '#include "feed/y.h"\n')
        self.expect_clean("libmsg/src/core/x.cpp", '#include "core/y.h"\n#include "store/y.h"\n')

    def test_server_includes(self):
        asio = "#include <boost/asio/post.hpp>\n"
        self.expect("network_stays_in_place", 2, "server/routes/x.cpp", asio)
        self.expect_clean("server/net/x.cpp", asio)
        self.expect("programs_use_the_public_interface", 2, "server/x.cpp",
                    '#include "store/store.h"\n')
        self.assertEqual(
            self.findings({"server/net/y.h": "", "server/routes/x.cpp": '#include "net/y.h"\n'}),
            [("routes_do_not_know_the_network", 2)])
        self.assertEqual(
            self.findings({"server/http/y.h": "", "server/x.cpp": '#include "http/y.h"\n'}), [])
        self.expect_clean("server/x.cpp", '#include "msg/types.h"\n')

    def test_sizes(self):
        self.expect("file_length", 201, PUBLIC, "int x;\n" * 200)
        self.expect_clean("libmsg/src/core/x.cpp", "int x;\n" * 399)
        self.expect("file_length", 401, "libmsg/src/core/x.cpp", "int x;\n" * 400)
        self.expect("line_length", 2, "server/x.cpp", "int " + "x" * 97 + ";\n")
        self.expect_clean("server/x.cpp", "// " + "é" * 97 + "\n")

    def test_functions(self):
        path, name = "libmsg/src/core/x.cpp", "function_length"
        self.expect(name, 3, path, "\nint f(int a,\n      int b) {\n" + LONG_BODY + "}\n")
        self.expect(name, 4, path, "namespace n {\nclass A : B<C> {\n  void f() {\n" + LONG_BODY + "}\n};\n}\n")
        self.expect(name, 2, path, 'void f() {\n  if (a) { g("}"); }  // }\n' + LONG_BODY + "}\n")
        self.expect_clean(path, "void f() {\n" + LONG_BODY[:-20] + "}\n")
        self.expect_clean(path, "namespace n {\nconst int table[] = {\n" + "  1,\n" * 90 + "};\n}\n")
        self.expect_clean(path, "struct alignas(64) A {\n" + "  int a = 1'000;\n" * 90 + "};\n")

    def test_first_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "server/x.h")
            path.parent.mkdir()
            path.write_text("int x;\n")
            self.assertEqual([found.rule for found in tidy.check_tree(folder)],
                             ["licence_line", "pragma_once"])

    def test_bans(self):
        now = "auto t = std::chrono::system_clock::now();\n"
        self.expect("time_comes_from_outside", 2, "libmsg/src/core/x.cpp", now)
        self.expect_clean("libmsg/include/msg/options.h", now)
        self.expect_clean("libmsg/src/core/x.cpp", "// not " + now)
        self.expect("tests_do_not_sleep", 2, "tests/unit/x.cpp", "std::this_thread::sleep_for(1s);\n")
        self.expect_clean("server/x.cpp", "std::this_thread::sleep_for(1s);\n")

    def test_co_await(self):
        name, path = "co_await_of_named_things", "server/net/x.cpp"
        self.expect(name, 2, path, "auto r = co_await run(pool, [&app, s] { return f(app, s); });\n")
        self.expect(name, 3, path, "auto r =\n    co_await run([](int x) { return x; });\n")
        self.expect(name, 2, path, "co_await f({a, 1});\n")
        self.expect_clean(path, "auto work = [&] { return 1; };\nco_await run(work, a[1](2));\n")

    def test_unfinished_work(self):
        word = "TO" + "DO"
        self.expect("unfinished_has_an_issue", 2, "server/x.cpp", f"// {word}: later\n")
        self.expect("unfinished_has_an_issue", 1, "docs/x.md", f"{word}\n")
        self.expect_clean("server/x.cpp", f"// {word}(#12): later\n")

    def test_links(self):
        self.expect("links_lead_somewhere", 1, "docs/x.md", "[y](y.md#part)\n")
        self.expect_clean("docs/x.md", "[x](x.md) [w](https://example.org) `[a](b)`\n")


if __name__ == "__main__":
    unittest.main()
