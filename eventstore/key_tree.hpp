// The middle of the key tree: the keys under which data keys are wrapped, in one file.
//
//   tree.keys = "FKT2" seal-id:16 bytes epoch:16 bytes wrapped-tree-key:u16 + bytes
//               wrapped-index-secret:40 bytes 256 × wrapped-shard-key:40 bytes crc:u32be
//
// The tree key is random and wrapped under the key of the epoch (epoch_keys.hpp); index secret and
// shard keys are wrapped under the tree key (AES-256-KWP, RFC 5649). CRC-32C of all before.
//
// In the first format the magic is "FKT1", and shard keys and the index secret, in a file of its
// own, are wrapped under the root key:
//
//   tree.keys = "FKT1" seal-id:16 bytes 256 × wrapped-shard-key:40 bytes crc:u32be
//   index.key = wrapped-index-secret:40 bytes
#pragma once

#include "core/base/result.hpp"
#include "core/base/uuid.hpp"
#include "eventstore/epoch_keys.hpp"
#include "eventstore/key_slots.hpp"
#include "eventstore/secret.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace factum {

struct KeyTree {
  Uuid seal_id;  ///< of the log whose values the keys seal
  Uuid epoch;
  SecretKey index_secret;  ///< from which look-up digests are derived
  SecretPages shard_keys{kKeyShards};
};

/// The bytes of tree.keys, under the key of `tree.epoch`, which is begun. Errors: those of
/// EpochKeys::begin.
Result<std::string> encode_key_tree(const KeyTree& tree, EpochKeys& epochs);

/// What is written in the clear. Errors: corrupt.
struct KeyTreeHead {
  Uuid seal_id;
  Uuid epoch;
};
Result<KeyTreeHead> read_key_tree_head(std::string_view bytes);

/// Whether it is of the first format.
bool is_first_key_tree(std::string_view bytes);
/// Reads the first format; the epoch is nil. Errors: corrupt; invalid_argument (`root` does not
/// open it).
Result<std::unique_ptr<KeyTree>> decode_first_key_tree(std::string_view bytes,
                                                       std::string_view index_key,
                                                       const SecretKey& root);

/// Errors: corrupt; erased (the epoch's key is gone).
Result<std::unique_ptr<KeyTree>> decode_key_tree(std::string_view bytes, const EpochKeys& epochs);

}  // namespace factum
