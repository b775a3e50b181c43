#include "eventstore/secret.hpp"

#include "core/base/contract.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <sys/mman.h>

namespace factum {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// Reused per thread: fetching a cipher costs more than wrapping a key.
EVP_CIPHER_CTX* wrap_context() {
  thread_local std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  return context.get();
}

}  // namespace

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SecretKey SecretKey::random() {
  SecretKey key;
  FACTUM_ASSERT(RAND_priv_bytes(key.bytes_.data(), static_cast<int>(kBytes)) == 1);
  return key;
}

Result<SecretKey> SecretKey::from_bytes(std::string_view raw) {
  if (raw.size() != kBytes) return fail(ErrorCode::corrupt, "a key has 32 bytes");
  SecretKey key;
  std::memcpy(key.bytes_.data(), raw.data(), raw.size());
  return key;
}

std::string wrap_key(const SecretKey& wrapping, const SecretKey& key) {
  EVP_CIPHER_CTX* context = wrap_context();
  std::array<unsigned char, kWrappedKeyBytes + 16> wrapped{};
  int bytes = 0;
  FACTUM_ASSERT(
      EVP_EncryptInit_ex(context, EVP_aes_256_wrap_pad(), nullptr, wrapping.data(), nullptr) == 1);
  FACTUM_ASSERT(EVP_EncryptUpdate(context, wrapped.data(), &bytes, key.data(),
                                  static_cast<int>(SecretKey::kBytes)) == 1);
  FACTUM_ASSERT(bytes == static_cast<int>(kWrappedKeyBytes));
  return {reinterpret_cast<const char*>(wrapped.data()), kWrappedKeyBytes};
}

Result<SecretKey> unwrap_key(const SecretKey& wrapping, std::string_view wrapped) {
  if (wrapped.size() != kWrappedKeyBytes)
    return fail(ErrorCode::corrupt, "a wrapped key has 40 bytes");
  EVP_CIPHER_CTX* context = wrap_context();
  std::array<unsigned char, kWrappedKeyBytes + 16> plain{};
  int bytes = 0;
  const bool opened =
      EVP_DecryptInit_ex(context, EVP_aes_256_wrap_pad(), nullptr, wrapping.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(context, plain.data(), &bytes,
                        reinterpret_cast<const unsigned char*>(wrapped.data()),
                        static_cast<int>(wrapped.size())) == 1 &&
      bytes == static_cast<int>(SecretKey::kBytes);
  SecretKey key;
  if (opened) std::memcpy(key.data(), plain.data(), SecretKey::kBytes);
  OPENSSL_cleanse(plain.data(), plain.size());
  if (!opened) return fail(ErrorCode::corrupt, "a wrapped key does not open");
  return key;
}

SecretPages::SecretPages(std::size_t keys) : bytes_(keys * sizeof(SecretKey)) {
  void* memory =
      ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  FACTUM_ASSERT(memory != MAP_FAILED);
  // Both may be refused by limits of the system; the keys work all the same.
  static_cast<void>(::mlock(memory, bytes_));
  static_cast<void>(::madvise(memory, bytes_, MADV_DONTDUMP));
  keys_ = static_cast<SecretKey*>(memory);
  std::uninitialized_default_construct_n(keys_, keys);
}

SecretPages::~SecretPages() {
  OPENSSL_cleanse(keys_, bytes_);
  ::munmap(keys_, bytes_);
}

}  // namespace factum
