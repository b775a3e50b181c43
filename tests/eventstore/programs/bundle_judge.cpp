// Verifies many bundles in one process, so that they can be compared with another verifier.
// Reads cases from standard input and answers each with a line; lengths are big-endian.
//
//   case  = u8 fresh, u32 count, count × file, u8 held, text32 note, text32 vkey
//   file  = text32 path, u8 there, text32 bytes    ; what differs from the last fresh bundle,
//                                                  ; or all of it if `fresh` is 1
//   line  = "good" | "wrong" SP position SP message | "unreadable" SP message
#include "eventstore/bundle_source.hpp"
#include "eventstore/log_verifier.hpp"
#include "tests/support/memory_files.hpp"

#include <cstdio>
#include <iostream>

using namespace factum;
using namespace factum::test;

namespace {

std::uint32_t read_number(std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value = (value << 8) | static_cast<std::uint8_t>(std::cin.get());
  return value;
}

std::string read_text() {
  std::string text(read_number(4), '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

void read_changes(FileMap& files) {
  for (std::uint32_t left = read_number(4); left > 0; --left) {
    const std::string path = read_text();
    const bool there = read_number(1) == 1;
    std::string bytes = read_text();
    if (there) {
      files[path] = std::move(bytes);
    } else {
      files.erase(path);
    }
  }
}

std::string judge(const FileMap& files, const VerifyOptions& options) {
  auto source = open_bundle_source(std::make_unique<MemoryFiles>(files));
  if (!source) {
    const bool blamed = source.error().code == ErrorCode::corrupt;
    return (blamed ? "wrong 0 " : "unreadable ") + source.error().message;
  }
  const auto verdict = verify_log(**source, options);
  if (!verdict) return "unreadable " + verdict.error().message;
  if (verdict->good()) return "good";
  return "wrong " + std::to_string(verdict->fault->position) + " " + verdict->fault->message;
}

}  // namespace

int main() {
  FileMap base;
  for (int fresh = std::cin.get(); fresh != std::char_traits<char>::eof(); fresh = std::cin.get()) {
    FileMap files = fresh == 1 ? FileMap{} : base;
    read_changes(files);
    if (fresh == 1) base = files;
    VerifyOptions options;
    const bool held = read_number(1) == 1;
    std::string note = read_text();
    if (held) options.held = std::move(note);
    options.vkey = read_text();
    std::cout << judge(files, options) << '\n' << std::flush;
  }
  return 0;
}
