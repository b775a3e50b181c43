// The sealer: AES-256-GCM under keys of the keystore, bound to log, event, slot and key.
//
//   ciphertext = algorithm:u8 nonce:12 bytes commitment:16 bytes sealed tag:16 bytes
//   algorithm  = %x01                      ; AES-256-GCM
//   commitment = first 16 bytes of HMAC-SHA-256(data key, "commit" key-id)
//   sealed     = AES-256-GCM(data key, nonce, padded, aad)
//   padded     = u32be length, plaintext, zeros up to a multiple of 64 bytes
//   aad        = text("factum/slot/1") text(seal id) text(event id) text(type) text(u16be schema)
//                text(slot) text(key id) text(u16be generation) text(u8 class)
//   text(x)    = u16be length of x, x      ; ids are 16 bytes
//   seal id    = that of the log: rocksdb_database.hpp
//   digest     = HMAC-SHA-256(HKDF-SHA-256(index secret, "factum/index/1" purpose), value)
//
// GCM does not commit to its key; the commitment does, and is checked first.
#pragma once

#include "core/es/sealer.hpp"
#include "eventstore/keystore.hpp"

#include <memory>

namespace factum {

/// Opens or creates the keystore and seals with its keys. Errors: those of Keystore::open.
Result<std::unique_ptr<Sealer>> open_aes_sealer(const KeystoreOptions& options);

}  // namespace factum
