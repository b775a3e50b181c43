// A strict streaming reader of delimited text (RFC 4180 and its relatives).
#pragma once

#include "api/import/text_decoder.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

/// How a file separates and quotes its fields.
struct CsvDialect {
  char delimiter = ',';  ///< one of `,` `;` tab `|`
  bool quoted = true;    ///< false: a quote is a character like any other
  bool header = true;    ///< true: the first row names the columns
  /// Names of the columns when there is no header; ignored otherwise.
  std::vector<std::string> columns;
  /// True: every row ends with a line break, so that a last row without one means a cut file.
  bool last_line_break = false;
};

/// Bounds that keep memory flat whatever the file holds.
struct CsvLimits {
  std::size_t field_bytes_max = std::size_t{1} << 20;
  std::size_t row_bytes_max = std::size_t{8} << 20;
  std::size_t fields_max = 4096;
};

/// One row. The views live until the next read.
struct CsvRow {
  std::uint64_t line = 0;  ///< 1-based line the row starts on
  std::vector<std::string_view> fields;
};

/// What a read gave: a row with one field per column; a row that has another number of fields and
/// must not be used; or the end.
enum class CsvRead : std::uint8_t { row, ragged, end };

/// Reads rows one after the other. Line breaks are LF, CRLF or a lone CR, also inside quotes (kept
/// as they are). Lines without any character are skipped when the file has more than one column.
/// A first header cell without a name is called "column_1" and so on. Not thread-safe.
class CsvReader {
 public:
  CsvReader(std::unique_ptr<TextDecoder> text, CsvDialect dialect, CsvLimits limits = {});

  /// Reads the header, if there is one. Call once, first. Errors: those of `next`, and
  /// invalid_argument for an empty file, a duplicate or no column name.
  Status open();

  /// Names of the columns, in file order; after `open`.
  const std::vector<std::string>& columns() const { return columns_; }

  /// The next row. Errors: corrupt, with line and column (in characters): a quote that is never
  /// closed, text after a closing quote, a quote inside a bare field, a NUL, a file that is cut in
  /// its last row; limit_exceeded: field, row or number of fields; those of the decoder.
  Result<CsvRead> next(CsvRow& row);

  std::uint64_t bytes_consumed() const { return text_->bytes_consumed(); }

 private:
  enum class State : std::uint8_t { row_start, field_start, bare, quoted, quote_seen };

  Result<bool> read_row();
  Status step(char c);
  Status step_in_quotes(char c);
  Status step_after_quote(char c);
  Status step_bare(char c);
  Result<bool> take_plain_run();
  Result<bool> finish_file();
  Status put(std::string_view text);
  Status end_field();
  void end_row();
  void start_row();
  bool blank_row() const;
  bool is_special(char c) const;
  tl::unexpected<Error> wrong(std::string_view what) const;

  std::unique_ptr<TextDecoder> text_;
  CsvDialect dialect_;
  CsvLimits limits_;
  std::vector<std::string> columns_;

  std::string_view chunk_;
  bool text_ended_ = false;
  TextPlace place_;
  bool after_return_ = false;

  State state_ = State::row_start;
  bool row_done_ = false;
  bool row_without_break_ = false;
  std::uint64_t row_line_ = 1;
  TextPlace quote_place_;
  std::size_t field_start_ = 0;
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace factum::importing
