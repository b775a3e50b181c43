#include "api/import/csv_reader.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace factum::importing {

CsvReader::CsvReader(std::unique_ptr<TextDecoder> text, CsvDialect dialect, CsvLimits limits)
    : text_(std::move(text)), dialect_(std::move(dialect)), limits_(limits) {}

Status CsvReader::open() {
  if (!dialect_.header) {
    columns_ = dialect_.columns;
    if (columns_.empty()) {
      return fail(ErrorCode::invalid_argument, "a file without header needs names for its columns");
    }
    return {};
  }
  FACTUM_TRY(const bool found, read_row());
  if (!found) return fail(ErrorCode::invalid_argument, "line 1: the file is empty");
  std::unordered_set<std::string> seen;
  std::size_t start = 0;
  for (const std::size_t end : ends_) {
    std::string name = bytes_.substr(start, end - start);
    start = end;
    if (name.empty()) name = "column_" + std::to_string(columns_.size() + 1);
    if (!seen.insert(name).second) {
      return fail(ErrorCode::invalid_argument,
                  "line " + std::to_string(row_line_) + ", field " +
                      std::to_string(columns_.size() + 1) +
                      ": two columns of the header have the same name");
    }
    columns_.push_back(std::move(name));
  }
  return {};
}

Result<CsvRead> CsvReader::next(CsvRow& row) {
  do {
    FACTUM_TRY(const bool found, read_row());
    if (!found) return CsvRead::end;
  } while (blank_row() && columns_.size() > 1);
  row.line = row_line_;
  row.fields.clear();
  std::size_t start = 0;
  for (const std::size_t end : ends_) {
    row.fields.emplace_back(bytes_.data() + start, end - start);
    start = end;
  }
  const bool ragged = row.fields.size() != columns_.size();
  if (row_without_break_ && (dialect_.last_line_break || row.fields.size() < columns_.size())) {
    return wrong("the file is cut off in its last row; fetch it again");
  }
  return ragged ? CsvRead::ragged : CsvRead::row;
}

bool CsvReader::blank_row() const { return ends_.size() == 1 && bytes_.empty(); }

void CsvReader::start_row() {
  bytes_.clear();
  ends_.clear();
  field_start_ = 0;
  row_done_ = false;
  row_without_break_ = false;
  state_ = State::row_start;
}

Result<bool> CsvReader::read_row() {
  start_row();
  while (!row_done_) {
    FACTUM_TRY(const bool more, take_plain_run());
    if (!more) return finish_file();
    const char c = chunk_.front();
    const bool second_half = c == '\n' && after_return_ && state_ == State::row_start;
    const TextPlace before = place_;
    if (!second_half) {
      if (state_ == State::row_start) row_line_ = place_.line;
      if (c == '"' && (state_ == State::row_start || state_ == State::field_start)) {
        quote_place_ = before;
      }
      FACTUM_CHECK(step(c));
    }
    advance(place_, after_return_, chunk_.substr(0, 1));
    chunk_.remove_prefix(1);
  }
  return true;
}

/// Copies the characters that mean nothing special in one go; false at the end of the text.
Result<bool> CsvReader::take_plain_run() {
  while (true) {
    if (chunk_.empty() && !text_ended_) {
      FACTUM_TRY(chunk_, text_->next());
      text_ended_ = chunk_.empty();
    }
    if (text_ended_) return false;
    if (state_ != State::bare && state_ != State::quoted) return true;
    std::size_t length = 0;
    std::size_t characters = 0;
    while (length < chunk_.size() && !is_special(chunk_[length])) {
      if ((static_cast<unsigned char>(chunk_[length]) & 0xC0U) != 0x80U) ++characters;
      ++length;
    }
    if (length == 0) return true;
    FACTUM_CHECK(put(chunk_.substr(0, length)));
    place_.column += characters;
    after_return_ = false;
    chunk_.remove_prefix(length);
    if (!chunk_.empty()) return true;
  }
}

bool CsvReader::is_special(char c) const {
  return c == '"' || c == '\r' || c == '\n' || c == '\0' || c == dialect_.delimiter;
}

Status CsvReader::step(char c) {
  if (c == '\0') return wrong("a NUL byte; this is not a text file");
  switch (state_) {
    case State::quoted: return step_in_quotes(c);
    case State::quote_seen: return step_after_quote(c);
    case State::row_start:
    case State::field_start:
    case State::bare: return step_bare(c);
  }
  return {};
}

Status CsvReader::step_in_quotes(char c) {
  if (c != '"') return put({&c, 1});
  state_ = State::quote_seen;
  return {};
}

Status CsvReader::step_after_quote(char c) {
  if (c == '"') {
    state_ = State::quoted;
    return put({&c, 1});
  }
  if (c == dialect_.delimiter || c == '\n' || c == '\r') return step_bare(c);
  return wrong("text after a closing quote");
}

Status CsvReader::step_bare(char c) {
  if (c == '\n' || c == '\r') {
    FACTUM_CHECK(end_field());
    end_row();
    return {};
  }
  if (c == dialect_.delimiter) {
    FACTUM_CHECK(end_field());
    state_ = State::field_start;
    return {};
  }
  if (c == '"' && dialect_.quoted) {
    if (state_ == State::bare) return wrong("a quote inside a field that does not start with one");
    state_ = State::quoted;
    return {};
  }
  state_ = State::bare;
  return put({&c, 1});
}

/// The text is over: the row in progress is the last one, unless nothing of it was read.
Result<bool> CsvReader::finish_file() {
  if (state_ == State::row_start) return false;
  if (state_ == State::quoted) {
    return fail(ErrorCode::corrupt, to_string(quote_place_) +
                                        ": a quote that is opened here is never closed; the file "
                                        "is cut off or badly quoted");
  }
  FACTUM_CHECK(end_field());
  row_done_ = true;
  row_without_break_ = true;
  return true;
}

Status CsvReader::put(std::string_view text) {
  if (bytes_.size() - field_start_ + text.size() > limits_.field_bytes_max) {
    return fail(ErrorCode::limit_exceeded, to_string(place_) + ": a field of more than " +
                                               std::to_string(limits_.field_bytes_max) + " bytes");
  }
  if (bytes_.size() + text.size() > limits_.row_bytes_max) {
    return fail(ErrorCode::limit_exceeded, to_string(place_) + ": a row of more than " +
                                               std::to_string(limits_.row_bytes_max) + " bytes");
  }
  bytes_.append(text);
  return {};
}

Status CsvReader::end_field() {
  if (ends_.size() == limits_.fields_max) {
    return fail(ErrorCode::limit_exceeded, to_string(place_) + ": a row of more than " +
                                               std::to_string(limits_.fields_max) + " fields");
  }
  ends_.push_back(bytes_.size());
  field_start_ = bytes_.size();
  return {};
}

void CsvReader::end_row() {
  row_done_ = true;
  state_ = State::row_start;
}

tl::unexpected<Error> CsvReader::wrong(std::string_view what) const {
  return fail(ErrorCode::corrupt, to_string(place_) + ": " + std::string(what));
}

}  // namespace factum::importing
