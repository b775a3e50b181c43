// Helpers of the import tests: text to rows, packed bytes, files and folders that go away.
#pragma once

#include "api/import/csv_reader.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing::test {

/// A folder that is removed with everything in it.
class TempFolder {
 public:
  /// Writes `bytes` as `name` and gives the path.
  std::string write(const std::string& name, std::string_view bytes) const;
  std::string path() const { return folder_.path().string(); }

 private:
  factum::test::TempDir folder_;
};

std::string gzip(std::string_view plain);
std::string zstd(std::string_view plain);

/// Everything a source gives, read in pieces of `piece` bytes.
Result<std::string> read_all(ByteSource& source, std::size_t piece = 7);
/// Everything a decoder gives.
Result<std::string> decode_all(std::string bytes, Encoding encoding);

/// Rows as "line:field|field" per row, "line!ragged" for ragged ones, "error: …" at the end.
std::string show_rows(std::string bytes, CsvDialect dialect = {}, CsvLimits limits = {});

}  // namespace factum::importing::test
