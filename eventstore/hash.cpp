#include "eventstore/hash.hpp"

#include "core/base/contract.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>

namespace factum {
namespace {

constexpr std::size_t kBlockBytes = 64;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching the algorithm and allocating a context cost as much as hashing an event.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    FACTUM_ASSERT(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void begin() { FACTUM_ASSERT(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1); }
  void add(std::string_view part) {
    FACTUM_ASSERT(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  }
  Digest end() {
    Digest digest;
    FACTUM_ASSERT(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

Sha256& hasher() {
  thread_local Sha256 instance;
  return instance;
}

using Block = std::array<char, kBlockBytes>;

Block padded_key(std::string_view key, char mask) {
  Block block{};
  if (key.size() > kBlockBytes) {
    const Digest shortened = sha256(key);
    std::memcpy(block.data(), shortened.data(), shortened.size());
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  for (char& byte : block) byte = static_cast<char>(byte ^ mask);
  return block;
}

std::string_view view(const Block& block) { return {block.data(), block.size()}; }

}  // namespace

Digest sha256(std::initializer_list<std::string_view> parts) {
  Sha256& hash = hasher();
  hash.begin();
  for (const std::string_view part : parts) hash.add(part);
  return hash.end();
}

Digest sha256(std::string_view bytes) { return sha256({bytes}); }

Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  Block inner_key = padded_key(key, 0x36);
  Block outer_key = padded_key(key, 0x5C);
  Sha256& hash = hasher();
  hash.begin();
  hash.add(view(inner_key));
  for (const std::string_view part : parts) hash.add(part);
  const Digest inner = hash.end();
  const Digest outer = sha256({view(outer_key), factum::view(inner)});
  OPENSSL_cleanse(inner_key.data(), inner_key.size());
  OPENSSL_cleanse(outer_key.data(), outer_key.size());
  return outer;
}

Digest hkdf_sha256(std::string_view secret, std::string_view purpose) {
  const Digest no_salt{};
  Digest extracted = hmac_sha256(view(no_salt), {secret});
  const Digest derived = hmac_sha256(view(extracted), {purpose, std::string_view("\x01", 1)});
  OPENSSL_cleanse(extracted.data(), extracted.size());
  return derived;
}

Digest to_digest(std::string_view bytes) {
  Digest digest;
  FACTUM_ASSERT(bytes.size() == digest.size());
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

}  // namespace factum
