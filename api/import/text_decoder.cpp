#include "api/import/text_decoder.hpp"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace factum::importing {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{128} << 10;
constexpr std::size_t kBomBytesMax = 4;

/// How a UTF-8 sequence starting at `bytes` looks: its length if it is well-formed, 0 if it never
/// can be, -1 if the text ends inside it. Source: Unicode Standard, table 3-7.
int sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return -1;
    if (at(i) < low || at(i) > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return static_cast<int>(length);
}

struct Checked {
  std::size_t valid_bytes = 0;
  bool bad = false;  ///< the byte after the valid ones can never be text
};

Checked check_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const int length = sequence_length(text.substr(at));
    if (length <= 0) return {at, length == 0};
    at += static_cast<std::size_t>(length);
  }
  return {at, false};
}

tl::unexpected<Error> not_text(TextPlace place, std::string_view encoding) {
  return fail(ErrorCode::corrupt, to_string(place) + ": this is not " + std::string(encoding) +
                                      " text; name the file's encoding with --encoding");
}
tl::unexpected<Error> cut_character(TextPlace place) {
  return fail(ErrorCode::corrupt,
              to_string(place) + ": the file ends inside a character: it is cut off");
}

class Utf8Decoder final : public TextDecoder {
 public:
  Utf8Decoder(std::unique_ptr<ByteSource> source, std::string first)
      : source_(std::move(source)), buffer_(std::move(first)) {}

  Result<std::string_view> next() override {
    buffer_.erase(0, given_);
    given_ = 0;
    while (true) {
      const Checked checked = check_utf8(buffer_);
      const std::string_view valid(buffer_.data(), checked.valid_bytes);
      if (checked.bad) {
        advance(place_, after_return_, valid);
        return not_text(place_, "UTF-8");
      }
      if (!valid.empty()) {
        advance(place_, after_return_, valid);
        given_ = valid.size();
        return valid;
      }
      FACTUM_TRY(const bool more, fill());
      if (!more && !buffer_.empty()) return cut_character(place_);
      if (!more) return std::string_view{};
    }
  }
  std::uint64_t bytes_consumed() const override { return source_->bytes_consumed(); }

 private:
  Result<bool> fill() {
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + kChunkBytes);
    FACTUM_TRY(const std::size_t count, source_->read(buffer_.data() + kept, kChunkBytes));
    buffer_.resize(kept + count);
    return count > 0;
  }

  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t given_ = 0;
  TextPlace place_;
  bool after_return_ = false;
};

class IcuDecoder final : public TextDecoder {
 public:
  IcuDecoder(std::unique_ptr<ByteSource> source, std::string first, UConverter* converter,
             std::string name)
      : source_(std::move(source)),
        bytes_(std::move(first)),
        converter_(converter),
        name_(std::move(name)),
        wide_(kChunkBytes) {}
  ~IcuDecoder() override { ucnv_close(converter_); }
  IcuDecoder(const IcuDecoder&) = delete;
  IcuDecoder& operator=(const IcuDecoder&) = delete;

  Result<std::string_view> next() override {
    if (failed_) return *failed_;
    while (true) {
      FACTUM_CHECK(fill());
      if (ended_ && flushed_) return std::string_view{};
      FACTUM_CHECK(convert());
      if (failed_ && text_.empty()) return *failed_;
      if (!text_.empty()) return std::string_view(text_);
    }
  }
  std::uint64_t bytes_consumed() const override { return source_->bytes_consumed(); }

 private:
  Status fill() {
    if (at_ < bytes_.size() || ended_) return {};
    bytes_.resize(kChunkBytes);
    FACTUM_TRY(const std::size_t count, source_->read(bytes_.data(), bytes_.size()));
    bytes_.resize(count);
    at_ = 0;
    ended_ = count == 0;
    return {};
  }

  Status convert() {
    const char* from = bytes_.data() + at_;
    const char* from_end = bytes_.data() + bytes_.size();
    UChar* to = wide_.data();
    UErrorCode code = U_ZERO_ERROR;
    ucnv_toUnicode(converter_, &to, wide_.data() + wide_.size(), &from, from_end, nullptr,
                   static_cast<UBool>(ended_), &code);
    at_ = static_cast<std::size_t>(from - bytes_.data());
    if (ended_ && code == U_ZERO_ERROR) flushed_ = true;
    FACTUM_CHECK(narrow(static_cast<int32_t>(to - wide_.data())));
    advance(place_, after_return_, text_);
    if (code == U_TRUNCATED_CHAR_FOUND) {
      failed_ = cut_character(place_);
    } else if (U_FAILURE(code) != 0 && code != U_BUFFER_OVERFLOW_ERROR) {
      failed_ = not_text(place_, name_);
    }
    return {};
  }

  Status narrow(int32_t units) {
    // A UTF-16 unit becomes at most three bytes of UTF-8.
    text_.resize(static_cast<std::size_t>(units) * 3);
    int32_t length = 0;
    UErrorCode code = U_ZERO_ERROR;
    u_strToUTF8(text_.data(), static_cast<int32_t>(text_.size()), &length, wide_.data(), units,
                &code);
    if (U_FAILURE(code) != 0) return not_text(place_, name_);
    text_.resize(static_cast<std::size_t>(length));
    return {};
  }

  std::unique_ptr<ByteSource> source_;
  std::string bytes_;
  UConverter* converter_;
  std::string name_;
  std::vector<UChar> wide_;
  std::string text_;
  std::size_t at_ = 0;
  bool ended_ = false;
  bool flushed_ = false;
  std::optional<tl::unexpected<Error>> failed_;
  TextPlace place_;
  bool after_return_ = false;
};

Result<std::unique_ptr<TextDecoder>> make_icu(std::unique_ptr<ByteSource> source, std::string first,
                                              const char* name) {
  UErrorCode code = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(name, &code);
  if (U_SUCCESS(code) != 0) {
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &code);
  }
  if (U_FAILURE(code) != 0) {
    ucnv_close(converter);
    return fail(ErrorCode::unavailable, std::string("ICU has no converter for ") + name);
  }
  return std::unique_ptr<TextDecoder>(
      std::make_unique<IcuDecoder>(std::move(source), std::move(first), converter, name));
}

}  // namespace

Result<Encoding> parse_encoding(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (lower == "auto") return Encoding::automatic;
  if (lower == "utf-8" || lower == "utf8") return Encoding::utf8;
  if (lower == "gb18030") return Encoding::gb18030;
  return fail(ErrorCode::invalid_argument, "an encoding is one of auto, utf-8, gb18030");
}

std::string to_string(TextPlace place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

void advance(TextPlace& place, bool& after_return, std::string_view text) {
  for (const char c : text) {
    const bool second_half = c == '\n' && after_return;
    after_return = c == '\r';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place.column;
    }
  }
}

Result<std::unique_ptr<TextDecoder>> make_text_decoder(std::unique_ptr<ByteSource> source,
                                                       Encoding encoding) {
  std::string first(kBomBytesMax, '\0');
  std::size_t have = 0;
  while (have < first.size()) {
    FACTUM_TRY(const std::size_t count, source->read(first.data() + have, first.size() - have));
    if (count == 0) break;
    have += count;
  }
  first.resize(have);
  const auto marked = [&](std::string_view mark) {
    return first.compare(0, mark.size(), mark) == 0;
  };
  if (encoding == Encoding::gb18030) {
    if (marked("\x84\x31\x95\x33")) first.erase(0, 4);
    return make_icu(std::move(source), std::move(first), "gb18030");
  }
  if (marked("\xEF\xBB\xBF")) {
    first.erase(0, 3);
  } else if (encoding == Encoding::automatic && (marked("\xFF\xFE") || marked("\xFE\xFF"))) {
    const char* name = marked("\xFF\xFE") ? "UTF-16LE" : "UTF-16BE";
    first.erase(0, 2);
    return make_icu(std::move(source), std::move(first), name);
  }
  return std::unique_ptr<TextDecoder>(
      std::make_unique<Utf8Decoder>(std::move(source), std::move(first)));
}

}  // namespace factum::importing
