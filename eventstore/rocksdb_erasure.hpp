// Removes what an erasure takes out of the database, from its files too.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/rocksdb_database.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace factum {

/// Ciphertexts, as keys of the slots family.
struct ErasedSlots {
  std::vector<std::string> slots;        ///< ascending
  std::map<Uuid, std::uint64_t> by_key;  ///< how many there are under each key
};

/// The ciphertexts sealed under these keys, also those that are gone. `head`: the last durable
/// position. Which events hold values of somebody no tag says for certain (a user may be the author
/// of a ticket), so every record is looked at: 1.4 µs each. Errors: unavailable (cancelled),
/// corrupt, io_error.
Result<ErasedSlots> slots_of(const Database& database, const ErasedSubjects& erased, Position head,
                             const WorkWatch& watch);

/// Deletes those rows and the claims of the subjects, durably; gives how many claims. Errors:
/// corrupt, io_error.
Result<std::uint64_t> erase_rows(const Database& database, const std::vector<std::string>& slots,
                                 const ErasedSubjects& erased);

/// Writes the files anew in which they were, and makes sure that no table, write-ahead log or
/// manifest of before is left. `wanted_back` ends it early. Errors: unavailable (ended, or a reader
/// still holds old files), corrupt (something is left all the same), io_error.
Status clean_files(const Database& database, const std::vector<std::string>& slots,
                   const ErasedSubjects& erased, std::atomic<bool>& wanted_back);

}  // namespace factum
