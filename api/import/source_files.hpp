// The files of one import: which file plays which role, and their rows in the profile's columns.
#pragma once

#include "api/import/csv_reader.hpp"
#include "api/import/profile.hpp"
#include "api/import/row_table.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace factum::importing {

/// A file and what it is for.
struct SourceFile {
  const FileSpec* spec = nullptr;
  std::string path;
  std::uint64_t bytes = 0;  ///< as stored

  /// The last part of the path, for messages and the reject report.
  std::string name() const;
};

/// Gives each argument its role. An argument is a file whose name the profile knows (also with .gz
/// or .zst behind it), `role=path`, a folder (all files in it that the profile knows), or any file
/// if the profile has only one. Errors: invalid_argument, not_found; both say what is expected.
Result<std::vector<SourceFile>> match_files(const Profile& profile,
                                            const std::vector<std::string>& arguments);

/// The file of a role, or null if it is optional and was not given.
const SourceFile* find_source(const std::vector<SourceFile>& files, const std::string& role);

/// Rows of a file, only the columns the profile uses, in the profile's order. Not thread-safe.
class RowReader {
 public:
  /// For `open` only.
  RowReader(CsvReader reader, std::string name)
      : reader_(std::move(reader)), name_(std::move(name)) {}

  /// Opens the file and reads its header. `encoding` overrides the profile's. Errors name the file:
  /// invalid_argument for everything that is wrong in it, a missing column too; not_found,
  /// io_error.
  static Result<std::unique_ptr<RowReader>> open(const SourceFile& file,
                                                 std::optional<Encoding> encoding);

  /// The next row; `row` is valid until the next call. Of a ragged row only the line counts. Errors
  /// as `open`, with line and column where there are any.
  Result<CsvRead> next(RowView& row);
  std::uint64_t bytes_consumed() const { return reader_.bytes_consumed(); }

 private:
  Status choose_columns(const FileSpec& spec);

  CsvReader reader_;
  std::string name_;
  CsvRow raw_;
  std::vector<std::size_t> chosen_;
  std::vector<std::string_view> fields_;
  std::set<std::string, std::less<>> absent_;
};

}  // namespace factum::importing
