#include "api/import/csv_reader.hpp"

#include "api/import/csv_writer.hpp"
#include "tests/import/import_support.hpp"
#include "tests/support/real_data.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

TEST_CASE("rows keep the line they start on, over LF, CRLF, lone CR and quoted line breaks") {
  CHECK(show_rows("a,b\n1,2\n3,4") == "2:1|2\n3:3|4\n");
  CHECK(show_rows("a,b\r\n1,2\r\n3,4\r\n") == "2:1|2\n3:3|4\n");
  CHECK(show_rows("a,b\r1,2\r3,4\r") == "2:1|2\n3:3|4\n");
  CHECK(show_rows("a,b\n\"1\r\n\n\",2\n3,4\n") == "2:1\r\n\n|2\n5:3|4\n");
}

TEST_CASE("quotes protect delimiters and quotes") {
  CHECK(show_rows("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"\",\n") == "2:x, y|say \"hi\"\n3:|\n");
}

TEST_CASE(
    "semicolon, tab and bar delimiters, unquoted dialects and files without header are read") {
  CsvDialect semicolon;
  semicolon.delimiter = ';';
  CHECK(show_rows("a;b\n1,5;2\n", semicolon) == "2:1,5|2\n");
  CsvDialect bare;
  bare.delimiter = '|';
  bare.quoted = false;
  bare.header = false;
  bare.columns = {"id", "name"};
  CHECK(show_rows("1|Tim \"T\"\r\n\"2|x\r\n", bare) == "1:1|Tim \"T\"\n2:\"2|x\n");
  CsvDialect tab;
  tab.delimiter = '\t';
  CHECK(show_rows("a\tb\n1\t\n", tab) == "2:1|\n");
}

TEST_CASE("blank lines are skipped in files of several columns and are rows in files of one") {
  CHECK(show_rows("a,b\n\n1,2\n\n") == "3:1|2\n");
  CHECK(show_rows("a\n\n1\n") == "2:\n3:1\n");
}

TEST_CASE("a row with too few or too many fields is marked and reading goes on") {
  CHECK(show_rows("a,b\n1\n1,2,3\n4,5\n") == "2!1\n3!1|2|3\n4:4|5\n");
}

TEST_CASE("a file cut in its last row is an error with its line") {
  CHECK(show_rows("a,b,c\n1,2,3\n4,5") ==
        "2:1|2|3\nerror: line 3, column 4: the file is cut off in its last row; fetch it again");
  CsvDialect strict;
  strict.last_line_break = true;
  CHECK(show_rows("a,b\n1,2\n4,5", strict) ==
        "2:1|2\nerror: line 3, column 4: the file is cut off in its last row; fetch it again");
  CHECK(show_rows("a,b\n1,2\n4,\"5 6") ==
        "2:1|2\nerror: line 3, column 3: a quote that is opened here is never closed; the file is "
        "cut off or badly quoted");
}

TEST_CASE("bad quoting and NUL are errors with line and column") {
  CHECK(show_rows("a,b\n1,\"2\"x\n") == "error: line 2, column 6: text after a closing quote");
  CHECK(show_rows("a,b\n超1\"2,3\n") ==
        "error: line 2, column 3: a quote inside a field that does not start with one");
  CHECK(show_rows(std::string("a,b\n1,\0\n", 8)) ==
        "error: line 2, column 3: a NUL byte; this is not a text file");
}

TEST_CASE("fields, rows and numbers of fields have limits") {
  CsvLimits limits;
  limits.field_bytes_max = 4;
  limits.row_bytes_max = 6;
  limits.fields_max = 3;
  CHECK(show_rows("a,b\n12345,1\n", {}, limits) ==
        "error: line 2, column 2: a field of more than 4 bytes");
  CHECK(show_rows("a,b\n\"1234\n5\",1\n", {}, limits) ==
        "error: line 2, column 6: a field of more than 4 bytes");
  CHECK(show_rows("a,b\n1234,123\n", {}, limits) ==
        "error: line 2, column 7: a row of more than 6 bytes");
  CHECK(show_rows("a,b\n1,2,3,4\n", {}, limits) ==
        "error: line 2, column 8: a row of more than 3 fields");
}

TEST_CASE("a header must name each column once") {
  CHECK(show_rows("") == "error: line 1: the file is empty");
  CHECK(show_rows("a,b,a\n1,2,3\n") ==
        "error: line 1, field 3: two columns of the header have the same name");
  CHECK(show_rows(",b\n1,2\n") == "2:1|2\n");
  CsvDialect nameless;
  nameless.header = false;
  CHECK(show_rows("1,2\n", nameless) == "error: a file without header needs names for its columns");
}

TEST_CASE("a written row is quoted where needed and never runs as a formula") {
  CHECK(csv_line({"12", "a,b", "say \"x\"", "=1+1"}) == "12,\"a,b\",\"say \"\"x\"\"\",'=1+1\r\n");
}

TEST_CASE("files that broke other importers are read to the end or refused with a line") {
  const auto folder = factum::test::real_data("vectors/csv-edge-cases");
  if (folder.empty()) return;
  std::size_t files = 0;
  std::size_t refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = factum::test::file_text(entry.path());
    for (const char delimiter : {',', ';', '\t', '|'}) {
      CsvDialect dialect;
      dialect.delimiter = delimiter;
      const std::string shown = show_rows(bytes, dialect);
      const std::size_t error = shown.rfind("error: ");
      if (error == std::string::npos || shown.back() == '\n') continue;
      ++refused;
      INFO(entry.path().string() << " " << shown.substr(error));
      CHECK((shown.compare(error, 12, "error: line ") == 0 ||
             shown.find("data ends in the middle", error) != std::string::npos ||
             shown.find("data is damaged", error) != std::string::npos));
    }
    ++files;
  }
  CHECK(files > 300);
  MESSAGE(files << " files, " << refused << " of four readings each refused");
}
