// Checks all that the files of one tile of leaves say, without knowing the tiles before it.
#pragma once

#include "core/es/event_store.hpp"
#include "core/es/log_erasures.hpp"
#include "eventstore/log_source.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum {

/// What a tile says, as far as it is right.
struct TileVerdict {
  std::uint64_t number = 0;
  std::vector<Digest> leaves;
  std::optional<Digest> root;  ///< of a full tile that is right
  std::uint64_t first_recorded = 0;
  std::uint64_t last_recorded = 0;
  std::uint64_t slots = 0;
  std::uint64_t present = 0;
  std::uint64_t destroyed = 0;
  std::vector<std::uint64_t> destroyed_positions;
  std::map<Uuid, std::uint64_t> missing_keys;  ///< of ciphertexts that are destroyed, where first
  std::vector<ErasureNote> erasures;           ///< what events say of them, in order
  std::uint64_t first_sealed = 0;  ///< position of the first event with slots, 0 if there is none
  bool has_ciphertexts = false;    ///< the source has the file
  std::optional<Error> fault;      ///< the first thing that is wrong
};

struct TileTask {
  std::uint64_t number = 0;
  std::size_t width = 0;
  bool list_destroyed = false;
};

/// What files say that are there: entries and records have to be. Their manifest is not asked.
TileVerdict check_tile_files(const TileTask& task, const TileFiles& files);

/// Errors: those of the source that do not blame the log.
Result<TileVerdict> check_tile(LogSource& source, const TileTask& task);

}  // namespace factum
