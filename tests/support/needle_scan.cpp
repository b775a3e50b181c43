#include "tests/support/needle_scan.hpp"

#include "eventstore/wal_reader.hpp"
#include "tests/support/raw_log.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iconv.h>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string_view>
#include <tuple>

namespace factum::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFormBytesMin = 6;

// The value in another encoding; empty when it has no spelling there.
std::string convert(const std::string& text, const char* encoding) {
  iconv_t converter = ::iconv_open(encoding, "UTF-8");
  if (reinterpret_cast<std::intptr_t>(converter) == -1) return {};  // how POSIX says no
  std::string in = text;
  std::string out(4 * text.size() + 16, '\0');
  char* from = in.data();
  char* to = out.data();
  std::size_t from_left = in.size();
  std::size_t to_left = out.size();
  const bool done = ::iconv(converter, &from, &from_left, &to, &to_left) != SIZE_MAX;
  ::iconv_close(converter);
  out.resize(done ? out.size() - to_left : 0);
  return out;
}

std::string hex(std::string_view bytes, std::string_view digits) {
  std::string text;
  for (const char c : bytes) {
    text.push_back(digits[static_cast<std::uint8_t>(c) >> 4]);
    text.push_back(digits[static_cast<std::uint8_t>(c) & 15]);
  }
  return text;
}

// Every character beyond ASCII as \uXXXX; with `all`, the ASCII ones too.
std::string json_escapes(const std::string& text, std::string_view digits, bool all) {
  const std::string wide = convert(text, "UTF-16BE");
  std::string out;
  for (std::size_t i = 0; i + 1 < wide.size(); i += 2) {
    const bool ascii = wide[i] == 0 && static_cast<std::uint8_t>(wide[i + 1]) < 0x80;
    if (ascii && !all) {
      out.push_back(wide[i + 1]);
    } else {
      out += "\\u" + hex(std::string_view(wide).substr(i, 2), digits);
    }
  }
  return out;
}

// The middle of the value in base64 when it begins at `offset` mod 3 of what was encoded: the
// characters at both ends also depend on the neighbours and are left out.
std::string base64_inside(const std::string& text, std::size_t offset, std::string_view alphabet) {
  const std::string_view whole = std::string_view(text).substr((3 - offset) % 3);
  std::string out;
  for (std::size_t i = 0; i + 3 <= whole.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | static_cast<std::uint8_t>(whole[i + k]);
    for (int shift = 18; shift >= 0; shift -= 6) out.push_back(alphabet[(group >> shift) & 63]);
  }
  return out;
}

class Scan {
 public:
  explicit Scan(const std::vector<std::string>& needles) {
    for (const std::string& needle : needles) {
      for (NeedleForm& form : forms_of(needle)) forms_.emplace_back(needle, std::move(form));
    }
  }

  void look(std::string_view bytes, const std::string& place) {
    for (const auto& [needle, form] : forms_) {
      if (bytes.find(form.bytes) == std::string_view::npos) continue;
      if (seen_.insert({needle, form.form, place}).second)
        hits_.push_back({needle, form.form, place});
    }
  }

  std::vector<NeedleHit> hits() && { return std::move(hits_); }

 private:
  std::vector<std::pair<std::string, NeedleForm>> forms_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
  std::vector<NeedleHit> hits_;
};

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

void scan_file(const fs::path& path, Scan& scan) {
  const std::string bytes = read_file(path);
  scan.look(path.filename().string(), path.string() + ": name");
  scan.look(bytes, path.string() + ": raw");
  if (path.extension() != ".log") return;
  read_wal(bytes,
           [&](std::string_view record) { scan.look(record, path.string() + ": WAL record"); });
}

// A copy, because the folder may be in use and opening it would change it.
void scan_rocksdb(const fs::path& folder, Scan& scan) {
  const TempDir copy;
  fs::copy(folder, copy.path(), fs::copy_options::recursive);
  raw_log_for_each(copy.path().string(),
                   [&](const std::string& family, std::string_view key, std::string_view value) {
                     scan.look(key, folder.string() + ": key of " + family + " family");
                     scan.look(value, folder.string() + ": " + family + " family");
                   });
}

}  // namespace

std::vector<NeedleForm> forms_of(const std::string& needle) {
  constexpr std::string_view kLower = "0123456789abcdef";
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::string_view kBase64Url =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::vector<NeedleForm> forms{{"UTF-8", needle},
                                {"UTF-16LE", convert(needle, "UTF-16LE")},
                                {"UTF-16BE", convert(needle, "UTF-16BE")},
                                {"GB18030", convert(needle, "GB18030")},
                                {"JSON escapes", json_escapes(needle, kLower, false)},
                                {"JSON escapes, upper case", json_escapes(needle, kUpper, false)},
                                {"JSON escapes of all", json_escapes(needle, kLower, true)},
                                {"hex", hex(needle, kLower)},
                                {"hex, upper case", hex(needle, kUpper)}};
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string name = "base64 at " + std::to_string(offset);
    forms.push_back({name, base64_inside(needle, offset, kBase64)});
    forms.push_back({name + ", for URLs", base64_inside(needle, offset, kBase64Url)});
  }
  std::set<std::string> known;
  std::erase_if(forms, [&](const NeedleForm& form) {
    return form.bytes.size() < kFormBytesMin || !known.insert(form.bytes).second;
  });
  return forms;
}

std::vector<NeedleHit> scan_for_needles(const std::vector<std::string>& folders,
                                        const std::vector<std::string>& needles) {
  Scan scan(needles);
  for (const std::string& folder : folders) {
    if (fs::exists(fs::path(folder) / "CURRENT")) scan_rocksdb(folder, scan);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) scan_file(entry.path(), scan);
      if (entry.is_directory() && fs::exists(entry.path() / "CURRENT"))
        scan_rocksdb(entry.path(), scan);
    }
  }
  return std::move(scan).hits();
}

std::string show(const std::vector<NeedleHit>& hits) {
  std::string text;
  for (const NeedleHit& hit : hits)
    text += hit.needle + " as " + hit.form + " in " + hit.place + "\n";
  return text;
}

}  // namespace factum::test
