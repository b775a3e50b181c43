#include "eventstore/root_key.hpp"

#include "eventstore/key_files.hpp"

#include <filesystem>

namespace factum {
namespace {

std::string path_in(const std::string& keys_directory) {
  return (std::filesystem::path(keys_directory) / "root.key").string();
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<SecretKey> parse_root(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  SecretKey key;
  bool valid = text.size() == 2 * SecretKey::kBytes;
  for (std::size_t i = 0; valid && i < SecretKey::kBytes; ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    key.data()[i] = static_cast<unsigned char>(high * 16 + low);
  }
  if (!valid)
    return fail(ErrorCode::invalid_argument, "a root key has 64 hexadecimal digits and no more");
  return key;
}

std::string print_root(const SecretKey& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * SecretKey::kBytes + 1);
  for (std::size_t i = 0; i < SecretKey::kBytes; ++i) {
    text.push_back(kDigits[key.data()[i] >> 4]);
    text.push_back(kDigits[key.data()[i] & 15]);
  }
  return text + '\n';
}

}  // namespace

Result<SecretKey> read_root_key(const std::string& keys_directory, std::string_view hex) {
  if (!hex.empty()) return parse_root(hex);
  FACTUM_TRY(const auto text, read_private_file(path_in(keys_directory)));
  if (!text)
    return fail(ErrorCode::unavailable, "the keystore's root.key is missing; give the root key");
  return parse_root(*text);
}

Result<SecretKey> make_root_key(const std::string& keys_directory) {
  const SecretKey key = SecretKey::random();
  FACTUM_CHECK(write_private_file(path_in(keys_directory), print_root(key)));
  return key;
}

}  // namespace factum
