// Turns the bytes of an import file into checked UTF-8, or says at which line they are not text.
#pragma once

#include "api/import/byte_source.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace factum::importing {

/// How the file writes characters. `automatic`: a byte order mark (UTF-8, UTF-16) decides, else
/// UTF-8; nothing is guessed from content.
enum class Encoding : std::uint8_t { automatic, utf8, gb18030 };

/// Reads "auto", "utf-8" or "gb18030". Errors: invalid_argument.
Result<Encoding> parse_encoding(std::string_view name);

/// A place in the decoded text, both 1-based. `column` counts characters, not bytes.
struct TextPlace {
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};

/// "line 12, column 3".
std::string to_string(TextPlace place);

/// Moves `place` over `text`; LF, CRLF and a lone CR each end a line. `after_return` carries over
/// chunk borders whether the character before was a CR.
void advance(TextPlace& place, bool& after_return, std::string_view text);

/// A stream of UTF-8 text without byte order mark. Not thread-safe.
class TextDecoder {
 public:
  virtual ~TextDecoder() = default;
  /// The next piece, valid until the next call; empty only at the end. Pieces may split a line but
  /// never a character. Errors: corrupt with line and column of the first byte that is not text in
  /// this encoding; those of the byte source.
  virtual Result<std::string_view> next() = 0;
  virtual std::uint64_t bytes_consumed() const = 0;
};

/// Wraps `source`. Errors: those of reading the first bytes; unavailable if ICU lacks the
/// converter.
Result<std::unique_ptr<TextDecoder>> make_text_decoder(std::unique_ptr<ByteSource> source,
                                                       Encoding encoding);

}  // namespace factum::importing
