#include "eventstore/aes_sealer.hpp"

#include "core/base/contract.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/system_sources.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <shared_mutex>
#include <unordered_map>
#include <utility>

namespace factum {
namespace {

constexpr char kAlgorithmAesGcm = 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kCommitmentBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kNonceBytes + kCommitmentBytes;
constexpr std::size_t kBucketBytes = 64;
constexpr std::size_t kLengthBytes = 4;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

EVP_CIPHER_CTX* gcm_context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> kContext([] {
    EVP_CIPHER_CTX* fresh = EVP_CIPHER_CTX_new();
    FACTUM_ASSERT(EVP_CipherInit_ex(fresh, EVP_aes_256_gcm(), nullptr, nullptr, nullptr, 1) == 1);
    return fresh;
  }());
  return kContext.get();
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int size_of(std::string_view text) { return static_cast<int>(text.size()); }

std::string big_endian16(std::uint16_t value) {
  std::string out;
  ByteWriter(out).u16(value);
  return out;
}

std::string associated_data(const Uuid& seal_id, const SealContext& context, const Uuid& key_id,
                            std::uint16_t generation) {
  std::string aad;
  ByteWriter writer(aad);
  writer.text16("factum/slot/1");
  writer.text16(seal_id.view());
  writer.text16(context.event_id.view());
  writer.text16(context.type);
  writer.text16(big_endian16(context.schema));
  writer.text16(context.slot);
  writer.text16(key_id.view());
  writer.text16(big_endian16(generation));
  writer.text16(std::string(1, static_cast<char>(context.data_class)));
  return aad;
}

std::string commitment(const SecretKey& key, const Uuid& key_id) {
  const Digest digest = hmac_sha256(key.view(), {"commit", key_id.view()});
  return std::string(view(digest).substr(0, kCommitmentBytes));
}

std::string pad(std::string_view plaintext) {
  std::string padded;
  const std::size_t needed = kLengthBytes + plaintext.size();
  padded.reserve((needed + kBucketBytes - 1) / kBucketBytes * kBucketBytes);
  ByteWriter(padded).text32(plaintext);
  padded.resize((needed + kBucketBytes - 1) / kBucketBytes * kBucketBytes, '\0');
  return padded;
}

tl::unexpected<Error> does_not_open() {
  return fail(ErrorCode::corrupt, "sealed data was changed or does not belong to this event");
}

class AesSealer final : public Sealer {
 public:
  AesSealer(std::unique_ptr<Keystore> keystore, const Uuid& seal_id)
      : keystore_(std::move(keystore)), seal_id_(seal_id) {}

  Result<Uuid> new_subject() override { return keystore_->new_subject(); }

  Status ensure_keys(const std::vector<Uuid>& subjects, DataClass data_class) override {
    return keystore_->ensure(subjects, data_class);
  }

  Result<SealedSlot> seal(const SealContext& context, const Uuid& subject,
                          std::string_view plaintext) override {
    if (plaintext.size() > EventLimits::kEventBytesMax)
      return fail(ErrorCode::limit_exceeded, "sealed data has at most 1 MiB");
    FACTUM_TRY(const DataKey key, keystore_->key_for(subject, context.data_class));
    SealedSlot sealed;
    std::string padded = pad(plaintext);
    sealed.ciphertext = encrypt(context, key, padded);
    sealed.header.name = context.slot;
    sealed.header.key_id = key.key_id;
    sealed.header.generation = key.generation;
    sealed.header.ciphertext_hash = sha256(sealed.ciphertext);
    sealed.header.padded_bytes = static_cast<std::uint32_t>(padded.size());
    OPENSSL_cleanse(padded.data(), padded.size());
    return sealed;
  }

  Result<std::string> open(const SealContext& context, const SlotHeader& header,
                           std::string_view ciphertext) override {
    FACTUM_TRY(const DataKey key, keystore_->key_by_id(header.key_id));
    if (ciphertext.size() < kHeadBytes + kTagBytes) return does_not_open();
    if (ciphertext[0] != kAlgorithmAesGcm)
      return fail(ErrorCode::unsupported_format, "sealed by a newer version of factum");
    const std::string expected = commitment(key.key, key.key_id);
    const std::string_view found = ciphertext.substr(1 + kNonceBytes, kCommitmentBytes);
    if (CRYPTO_memcmp(expected.data(), found.data(), kCommitmentBytes) != 0) return does_not_open();
    return decrypt(context, header, key, ciphertext);
  }

  std::vector<Uuid> close_subjects(const std::vector<Uuid>& subjects) override {
    return keystore_->close_subjects(subjects);
  }
  void reopen_subjects(const std::vector<Uuid>& subjects) override {
    keystore_->reopen_subjects(subjects);
  }
  Result<KeyDestruction> destroy_subjects(const std::vector<Uuid>& subjects) override {
    return keystore_->destroy_subjects(subjects);
  }
  std::vector<Uuid> living_subjects(const std::vector<Uuid>& keys) const override {
    return keystore_->living_subjects(keys);
  }
  std::vector<Uuid> destroyed_subjects(const std::vector<Uuid>& keys) const override {
    return keystore_->destroyed_subjects(keys);
  }

  Digest digest(std::string_view purpose, std::string_view value) override {
    return hmac_sha256(purpose_key(purpose).view(), {value});
  }

 private:
  std::string encrypt(const SealContext& context, const DataKey& key, std::string_view padded) {
    const std::string aad = associated_data(seal_id_, context, key.key_id, key.generation);
    std::string out(kHeadBytes + padded.size() + kTagBytes, '\0');
    out[0] = kAlgorithmAesGcm;
    nonces_.fill(out.data() + 1, kNonceBytes);
    out.replace(1 + kNonceBytes, kCommitmentBytes, commitment(key.key, key.key_id));
    EVP_CIPHER_CTX* gcm = gcm_context();
    int count = 0;
    unsigned char* sealed = bytes(out) + kHeadBytes;
    FACTUM_ASSERT(EVP_EncryptInit_ex(gcm, nullptr, nullptr, key.key.data(), bytes(out) + 1) == 1);
    FACTUM_ASSERT(EVP_EncryptUpdate(gcm, nullptr, &count, bytes(aad), size_of(aad)) == 1);
    FACTUM_ASSERT(EVP_EncryptUpdate(gcm, sealed, &count, bytes(padded), size_of(padded)) == 1);
    FACTUM_ASSERT(EVP_EncryptFinal_ex(gcm, sealed + padded.size(), &count) == 1);
    FACTUM_ASSERT(
        EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_GET_TAG, kTagBytes, sealed + padded.size()) == 1);
    return out;
  }

  Result<std::string> decrypt(const SealContext& context, const SlotHeader& header,
                              const DataKey& key, std::string_view ciphertext) {
    const std::string aad = associated_data(seal_id_, context, header.key_id, header.generation);
    const std::string_view sealed =
        ciphertext.substr(kHeadBytes, ciphertext.size() - kHeadBytes - kTagBytes);
    std::string tag(ciphertext.substr(ciphertext.size() - kTagBytes));
    std::string padded(sealed.size(), '\0');
    EVP_CIPHER_CTX* gcm = gcm_context();
    int count = 0;
    const bool opened =
        EVP_DecryptInit_ex(gcm, nullptr, nullptr, key.key.data(), bytes(ciphertext) + 1) == 1 &&
        EVP_DecryptUpdate(gcm, nullptr, &count, bytes(aad), size_of(aad)) == 1 &&
        EVP_DecryptUpdate(gcm, bytes(padded), &count, bytes(sealed), size_of(sealed)) == 1 &&
        EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(gcm, bytes(padded) + padded.size(), &count) == 1;
    ByteReader reader(padded);
    std::string plaintext(opened ? reader.text32() : std::string_view());
    OPENSSL_cleanse(padded.data(), padded.size());
    if (!opened || !reader.ok()) return does_not_open();
    return plaintext;
  }

  // Purposes are names in the code, so that there are few of them.
  SecretKey purpose_key(std::string_view purpose) {
    const std::string name = "factum/index/1" + std::string(purpose);
    {
      const std::shared_lock lock(purposes_mutex_);
      const auto found = purposes_.find(name);
      if (found != purposes_.end()) return found->second;
    }
    Digest derived = hkdf_sha256(keystore_->index_secret().view(), name);
    const SecretKey key = SecretKey::from_bytes(view(derived)).value();
    OPENSSL_cleanse(derived.data(), derived.size());
    const std::unique_lock lock(purposes_mutex_);
    if (purposes_.size() < kPurposesKept) purposes_.emplace(name, key);
    return key;
  }

  static constexpr std::size_t kPurposesKept = 256;

  const std::unique_ptr<Keystore> keystore_;
  const Uuid seal_id_;
  RandomBlocks nonces_;
  std::shared_mutex purposes_mutex_;
  std::unordered_map<std::string, SecretKey> purposes_;  // guarded by purposes_mutex_
};

}  // namespace

Result<std::unique_ptr<Sealer>> open_aes_sealer(const KeystoreOptions& options) {
  FACTUM_TRY(auto keystore, Keystore::open(options));
  return std::unique_ptr<Sealer>(std::make_unique<AesSealer>(std::move(keystore), options.seal_id));
}

}  // namespace factum
