#include "eventstore/key_tree.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/crc32c.hpp"

namespace factum {
namespace {

constexpr std::string_view kMagic = "FKT2";
constexpr std::string_view kFirstMagic = "FKT1";
constexpr std::size_t kCrcBytes = 4;

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::corrupt, "the keystore's tree.keys is damaged");
}

// What is between magic and checksum. Errors: corrupt.
Result<ByteReader> body_of(std::string_view bytes, std::string_view magic) {
  if (bytes.size() < magic.size() + kCrcBytes || !bytes.starts_with(magic) ||
      ByteReader(bytes.substr(bytes.size() - kCrcBytes)).u32() !=
          crc32c(bytes.substr(0, bytes.size() - kCrcBytes)))
    return damaged();
  return ByteReader(bytes.substr(magic.size(), bytes.size() - magic.size() - kCrcBytes));
}

Result<KeyTreeHead> read_head(ByteReader& reader) {
  KeyTreeHead head;
  const std::string_view seal_id = reader.raw(16);
  const std::string_view epoch = reader.raw(16);
  if (!reader.ok()) return damaged();
  FACTUM_TRY(head.seal_id, Uuid::from_bytes(seal_id));
  FACTUM_TRY(head.epoch, Uuid::from_bytes(epoch));
  return head;
}

}  // namespace

Result<std::string> encode_key_tree(const KeyTree& tree, EpochKeys& epochs) {
  const SecretKey tree_key = SecretKey::random();
  FACTUM_TRY(const std::string wrapped, epochs.begin(tree.epoch, tree_key));
  std::string bytes(kMagic);
  ByteWriter writer(bytes);
  writer.raw(tree.seal_id.view());
  writer.raw(tree.epoch.view());
  writer.text16(wrapped);
  writer.raw(wrap_key(tree_key, tree.index_secret));
  for (std::size_t shard = 0; shard < kKeyShards; ++shard)
    writer.raw(wrap_key(tree_key, tree.shard_keys[shard]));
  writer.u32(crc32c(bytes));
  return bytes;
}

Result<KeyTreeHead> read_key_tree_head(std::string_view bytes) {
  if (is_first_key_tree(bytes)) {
    FACTUM_TRY(ByteReader reader, body_of(bytes, kFirstMagic));
    FACTUM_TRY(const Uuid seal_id, Uuid::from_bytes(reader.raw(16)));
    return KeyTreeHead{seal_id, {}};
  }
  FACTUM_TRY(ByteReader reader, body_of(bytes, kMagic));
  return read_head(reader);
}

bool is_first_key_tree(std::string_view bytes) { return bytes.starts_with(kFirstMagic); }

Result<std::unique_ptr<KeyTree>> decode_first_key_tree(std::string_view bytes,
                                                       std::string_view index_key,
                                                       const SecretKey& root) {
  FACTUM_TRY(ByteReader reader, body_of(bytes, kFirstMagic));
  auto tree = std::make_unique<KeyTree>();
  FACTUM_TRY(tree->seal_id, Uuid::from_bytes(reader.raw(16)));
  for (std::size_t shard = 0; shard < kKeyShards; ++shard) {
    const std::string_view wrapped = reader.raw(kWrappedKeyBytes);
    if (!reader.ok()) return damaged();
    const auto key = unwrap_key(root, wrapped);
    if (!key) return fail(ErrorCode::invalid_argument, "the root key does not open the keys");
    tree->shard_keys[shard] = *key;
  }
  FACTUM_TRY(tree->index_secret, unwrap_key(root, index_key));
  return tree;
}

Result<std::unique_ptr<KeyTree>> decode_key_tree(std::string_view bytes, const EpochKeys& epochs) {
  FACTUM_TRY(ByteReader reader, body_of(bytes, kMagic));
  FACTUM_TRY(const KeyTreeHead head, read_head(reader));
  auto tree = std::make_unique<KeyTree>();
  tree->seal_id = head.seal_id;
  tree->epoch = head.epoch;
  const std::string_view wrapped = reader.text16();
  const std::string_view index_secret = reader.raw(kWrappedKeyBytes);
  if (!reader.ok()) return damaged();
  FACTUM_TRY(const SecretKey tree_key, epochs.unwrap(tree->epoch, wrapped));
  FACTUM_TRY(tree->index_secret, unwrap_key(tree_key, index_secret));
  for (std::size_t shard = 0; shard < kKeyShards; ++shard) {
    FACTUM_TRY(tree->shard_keys[shard], unwrap_key(tree_key, reader.raw(kWrappedKeyBytes)));
  }
  if (!reader.complete()) return damaged();
  return tree;
}

}  // namespace factum
