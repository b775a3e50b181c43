#!/usr/bin/env python3
"""Tests of scripts/tidy.py and scripts/cpp_text.py. Runs as the test `tidy_test`."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text  # noqa: E402
import tidy  # noqa: E402


def lines_of(check, path, text, others=None):
    """The lines a check complains about in one file."""
    return [f.line for f in check({path: text, **(others or {})}) if f.path == path]


def body(lines):
    return "int f() {\n" + "  g();\n" * (lines - 2) + "}\n"


class ReadingCpp(unittest.TestCase):
    def names(self, text):
        return [(f.name, f.last_line - f.first_line + 1)
                for f in cpp_text.functions(cpp_text.code_only(text))]

    def test_comments_and_literals_are_blanked_and_lines_stay(self):
        text = 'a("} // {"); // x {\n/* {\n { */ b(\'{\', 1\'000); R"x({\n)x";\n'
        code = cpp_text.code_only(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertNotIn("{", code)
        self.assertIn("1'000", code)

    def test_functions_are_found_in_namespaces_classes_and_templates(self):
        text = ("namespace a {\nclass B {\n  int c() const { return 1; }\n};\n"
                "template <class T>\nint d(T t) {\n  return t;\n}\n}\n")
        self.assertEqual(self.names(text), [("c", 1), ("d", 4)])

    def test_member_initialisers_with_braces_belong_to_the_constructor(self):
        text = "A::A(int b)\n    : b_{b},\n      c_{f(b)} {\n  g();\n}\n"
        self.assertEqual(self.names(text), [("A::A", 5)])

    def test_initialised_tables_are_no_functions(self):
        self.assertEqual(self.names("const Row kRows[] = {{1, 2},\n{3, 4}};\nint x{1};\n"), [])

    def test_macros_do_not_hide_the_next_function(self):
        text = "#define A(x) \\\n  { x }\nint f() { return 1; }\n"
        self.assertEqual(self.names(text), [("f", 1)])

    def test_comments_come_with_their_lines(self):
        self.assertEqual(list(cpp_text.comments('x("//no");  // one\n/// two\n')),
                         [(1, "one"), (2, "two")])


class Domain(unittest.TestCase):
    CODE = {
        "core/crm/cup.hpp": 'struct FillCup : CommandOn<Cup> {\n'
                            '  static constexpr std::string_view kName = "FillCup";\n'
                            '  static constexpr std::string_view kDoc =\n      "Fills "\n'
                            '      "the cup";\n};\n'
                            'inline constexpr Rule kCupFull{"cup.full",\n  "drink first"};\n',
        "core/crm/cup_events.hpp": 'static constexpr std::string_view kName = "CupFilled";\n'
                                   '  static constexpr std::string_view kDoc = "It was filled";',
        "core/crm/common.hpp": 'FACTUM_SYMBOLS(OrderStatus, "unplaced", "placed",\n  "closed");\n',
    }
    GOOD = ("| order | placed → closed |\n| `FillCup` | Fills the cup |\n"
            "| `cup.full` | drink first |\n")

    def findings(self, text):
        return lines_of(tidy.check_domain_document, "docs/domain.md", text, self.CODE)

    def test_tables_that_say_what_the_code_says_are_fine(self):
        self.assertEqual(self.findings(self.GOOD), [])

    def test_rows_that_are_missing_other_or_too_many_are_found(self):
        self.assertEqual(self.findings(self.GOOD.replace("the cup", "a cup")), [2])
        self.assertEqual(self.findings(self.GOOD.replace("drink", "eat")), [3])
        self.assertEqual(self.findings(self.GOOD.replace("→ closed", "")), [1])
        self.assertEqual(self.findings(self.GOOD + "| `cup.broken` | glue it |\n"), [4])
        without_rule = "".join(self.GOOD.splitlines(keepends=True)[:2])
        self.assertEqual(self.findings(without_rule), [1])


class Limits(unittest.TestCase):
    def test_a_file_may_have_500_lines_and_a_test_600(self):
        for path, limit in (("core/base/a.cpp", 500), ("tests/core/a.cpp", 600)):
            self.assertEqual(lines_of(tidy.check_file_length, path, "\n" * limit), [])
            self.assertEqual(lines_of(tidy.check_file_length, path, "\n" * (limit + 1)), [limit])

    def test_a_function_may_have_70_lines(self):
        self.assertEqual(lines_of(tidy.check_function_length, "api/a.cpp", body(70)), [])
        self.assertEqual(lines_of(tidy.check_function_length, "api/a.cpp", body(71)), [1])

    def test_a_line_may_have_100_columns_and_wide_characters_count_twice(self):
        text = "a" * 100 + "\n" + "a" * 101 + "\n" + "客" * 50 + "\n" + "客" * 51 + "\n"
        self.assertEqual(lines_of(tidy.check_lines, "api/a.cpp", text), [2, 4])

    def test_a_raw_string_may_be_as_wide_as_its_text(self):
        text = 'f(R"(' + "a" * 101 + '\n' + "b" * 101 + ')");\n' + "c" * 101 + "\n"
        self.assertEqual(lines_of(tidy.check_lines, "api/a.cpp", text), [3])

    def test_white_space_at_line_ends_tabs_and_a_missing_last_line_feed_are_found(self):
        self.assertEqual(lines_of(tidy.check_lines, "api/a.cpp", "a \nb\r\n\tc\nd"), [4, 1, 2, 3])

    def test_goldens_are_left_alone(self):
        self.assertEqual(lines_of(tidy.check_lines, "tests/golden/a.json", "a \nb"), [])


class BannedCalls(unittest.TestCase):
    def found(self, path, line):
        return bool(lines_of(tidy.check_banned, path, line + "\n"))

    def test_each_banned_call_is_found_in_product_code(self):
        for line in ("std::rand();", "x = rand();", "std::localtime(&t);", "gmtime_r(&t, &u);",
                     "std::printf(1);", "fprintf(stderr);", "sprintf(b);", "std::cout << 1;",
                     "std::system(c);", "std::this_thread::sleep_for(d);", "usleep(1);",
                     "auto* a = new A;", "delete a;", "delete[] a;", "strcpy(a, b);", "atoi(a);",
                     "std::stoi(a);", "std::regex r;", "t.detach();", "assert(a);", "throw a;",
                     "std::getenv(a);", "std::exit(1);", "a << std::endl;", "#if 0",
                     "std::chrono::system_clock::now();"):
            self.assertTrue(self.found("core/es/a.cpp", line), line)

    def test_what_only_looks_like_it_is_not(self):
        for line in ("A(const A&) = delete;", "operand(1);", "std::snprintf(b);", "// new A",
                     'f("throw");', "static_assert(a);", "new_subject();", "steady_clock::now();",
                     "my_system(1);", "int new_size = 1;", "localtime_of(a);", "brand(1);",
                     "struct deleted_rows;",
                     "std::unique_ptr<A> a(\n    new A(1));", "thrown(1);", "#if 0x1"):
            self.assertFalse(self.found("core/es/a.cpp", line), line)

    def test_the_command_line_may_print_and_tests_may_abort(self):
        self.assertFalse(self.found("api/main.cpp", "std::cerr << 1;"))
        self.assertFalse(self.found("tests/core/a.cpp", "std::abort();"))
        self.assertTrue(self.found("tests/core/a.cpp", "std::this_thread::sleep_for(d);"))


class Leftovers(unittest.TestCase):
    def test_notes_to_self_are_found_in_every_file(self):
        for word in ("TO" + "DO", "FIX" + "ME", "HA" + "CK"):
            self.assertEqual(lines_of(tidy.check_leftovers, "docs/a.md", f"a\n{word}: b\n"), [2])

    def test_commented_out_code_is_found(self):
        for code in ("return x;", "int x = 1;", "foo.bar(1);", "if (a) {", "}", "#include <a>",
                     "std::vector<int> a(3);"):
            self.assertEqual(lines_of(tidy.check_leftovers, "api/a.cpp", f"// {code}\n"), [1], code)

    def test_prose_is_not_code(self):
        for prose in ("An empty input gives not_found;", "value = 3 bytes, then the rest",
                      "Returns early; the caller loops.", "for every row of the table",
                      "record := length value", "  example(1);", "See f(x) for why."):
            self.assertEqual(lines_of(tidy.check_leftovers, "api/a.cpp", f"// {prose}\n"), [],
                             prose)

    def test_a_silenced_check_needs_a_name_and_a_reason(self):
        for line, wanted in (("// NOLINT", [1]), ("// NOLINT(bugprone-x)", [1]),
                             ("// NOLINTNEXTLINE(bugprone-x): the API wants it", [])):
            self.assertEqual(lines_of(tidy.check_leftovers, "api/a.cpp", line + "\n"), wanted)


class Includes(unittest.TestCase):
    def layers(self, path, included):
        return bool(lines_of(tidy.check_layers, path, f'#include "{included}"\n'))

    def libraries(self, path, included):
        return bool(lines_of(tidy.check_libraries, path, f"#include <{included}>\n"))

    def test_folders_include_only_downwards(self):
        for path, included in (("core/base/a.hpp", "core/es/b.hpp"),
                               ("core/es/a.cpp", "core/crm/b.hpp"),
                               ("eventstore/a.cpp", "core/crm/b.hpp"),
                               ("projections/a.cpp", "eventstore/b.hpp"),
                               ("projections/a.cpp", "api/b.hpp"),
                               ("api/server/a.cpp", "eventstore/b.hpp")):
            self.assertTrue(self.layers(path, included), (path, included))

    def test_the_layers_have_no_cycle(self):
        for layer, below in tidy.LAYERS.items():
            for other in below:
                self.assertTrue(other == layer or layer not in tidy.LAYERS[other], (layer, other))

    def test_the_composition_root_and_tests_name_implementations(self):
        self.assertFalse(self.layers("api/app.cpp", "eventstore/b.hpp"))
        self.assertFalse(self.layers("tests/api/a.cpp", "eventstore/b.hpp"))

    def test_heavy_libraries_stay_in_their_files(self):
        self.assertTrue(self.libraries("core/es/event.cpp", "simdjson.h"))
        self.assertFalse(self.libraries("core/es/json_reader.cpp", "simdjson.h"))
        self.assertTrue(self.libraries("eventstore/memory_event_store.cpp", "rocksdb/db.h"))
        self.assertTrue(self.libraries("eventstore/rocksdb_event_store.hpp", "rocksdb/db.h"))
        self.assertFalse(self.libraries("eventstore/rocksdb_event_store.cpp", "rocksdb/db.h"))
        self.assertTrue(self.libraries("api/routes.cpp", "boost/beast/http.hpp"))
        self.assertTrue(self.libraries("api/app.cpp", "rocksdb/db.h"))
        self.assertFalse(self.libraries("api/server/http_server.cpp", "boost/asio.hpp"))
        self.assertFalse(self.libraries("tests/eventstore/a.cpp", "rocksdb/db.h"))

    def test_the_own_header_comes_first(self):
        header = {"api/a.hpp": ""}
        text = '#include <string>\n#include "api/a.hpp"\n'
        self.assertEqual(lines_of(tidy.check_include_order, "api/a.cpp", text, header), [1])
        text = '#include "api/a.hpp"\n#include <string>\n'
        self.assertEqual(lines_of(tidy.check_include_order, "api/a.cpp", text, header), [])

    def test_headers_have_a_purpose_a_guard_and_a_user(self):
        user = {"api/a.cpp": '#include "api/a.hpp"\n'}
        good = "// What it is.\n#pragma once\n"
        self.assertEqual(lines_of(tidy.check_headers, "api/a.hpp", good, user), [])
        self.assertEqual(lines_of(tidy.check_headers, "api/a.hpp", good), [1])
        self.assertEqual(lines_of(tidy.check_headers, "api/a.hpp", "#pragma once\n", user), [1])
        self.assertEqual(lines_of(tidy.check_headers, "api/a.hpp", "// What.\n", user), [1])


class Coroutines(unittest.TestCase):
    def faults(self, text):
        return [line for line, _ in cpp_text.coroutine_faults(cpp_text.code_only(text))]

    def test_a_lambda_beside_co_await_is_found(self):
        self.assertEqual(self.faults("task f() {\n  co_await g([&](int a) { h(a); });\n}\n"), [2])

    def test_a_capturing_lambda_that_is_a_coroutine_is_found(self):
        text = "void f() {\n  auto g = [x]() -> task {\n    if (x) { co_return; }\n  };\n}\n"
        self.assertEqual(self.faults(text), [3])

    def test_named_functions_and_lambdas_without_captures_are_fine(self):
        text = ("task f() {\n  auto r = co_await g(a[1]);\n  while (x) { co_await h(); }\n}\n"
                "auto k = []() -> task { co_return; };\n")
        self.assertEqual(self.faults(text), [])

    def test_they_stay_out_of_the_core(self):
        text = "task f() { co_await g(); }\n"
        self.assertEqual(lines_of(tidy.check_coroutines, "core/es/a.cpp", text), [1])
        self.assertEqual(lines_of(tidy.check_coroutines, "api/server/a.cpp", text), [])


class TheRest(unittest.TestCase):
    def test_a_source_in_no_target_is_found(self):
        cmake = {"CMakeLists.txt": "lib(a DIRS core/es)\n# core/base\nx(api/main.cpp)\n"
                                   "file(GLOB b ${ROOT}/tests/support/*.cpp)\n"}
        for path, wanted in (("core/es/a.cpp", []), ("core/base/a.cpp", [1]),
                             ("tests/support/a.cpp", []),
                             ("api/main.cpp", []), ("api/other.cpp", [1])):
            self.assertEqual(lines_of(tidy.check_sources_are_built, path, "", cmake), wanted, path)

    def test_a_document_has_one_title_closed_code_and_living_links(self):
        good = "# A\n\n```sh\n# no title\n```\n[b](b.md) [c](https://c.org) [d](#d)\n"
        other = {"docs/b.md": "# B\n"}
        self.assertEqual(lines_of(tidy.check_documents, "docs/a.md", good, other), [])
        self.assertEqual(lines_of(tidy.check_documents, "docs/a.md", good), [6])
        for bad in ("text\n", "# A\n# B\n", "# A\n```\n"):
            self.assertEqual(lines_of(tidy.check_documents, "docs/a.md", bad), [1], bad)

    def test_broken_json_is_found_with_its_line(self):
        self.assertEqual(lines_of(tidy.check_json, "a.json", '{\n"a": 1,\n}\n'), [3])

    def test_paths_of_one_machine_are_found(self):
        for text, wanted in (("/ho" + "me/me/x", [1]), ("cd /wo" + "rk/main", [1]),
                             ("$x/work/y", []), ("../shared/data", []), ("https://a/home/x", [])):
            self.assertEqual(lines_of(tidy.check_machine_paths, "scripts/a", text), wanted, text)

    def test_scripts_say_what_they_are_for(self):
        self.assertEqual(lines_of(tidy.check_scripts, "scripts/a", "#!/bin/sh\n# Does a.\n"), [])
        self.assertEqual(lines_of(tidy.check_scripts, "scripts/a", "#!/bin/sh\nx\n"), [1])

    def test_files_are_found_without_git_too(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "core").mkdir()
            (Path(folder) / "core" / "a.cpp").write_text("int a;\n")
            (Path(folder) / "a.png").write_bytes(b"\x89")
            self.assertEqual(tidy.load(Path(folder)), {"core/a.cpp": "int a;\n"})


if __name__ == "__main__":
    unittest.main()
