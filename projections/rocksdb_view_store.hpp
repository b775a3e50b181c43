// Keyspaces in one RocksDB database without WAL: one column family per generation.
#pragma once

#include "core/base/result.hpp"
#include "projections/generation_store.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace factum::projections {

struct RocksdbViewOptions {
  std::string path;                                        ///< the folder of the database
  std::size_t block_cache_bytes = std::size_t{192} << 20;  ///< larger: more rows read from memory
  std::size_t write_buffer_bytes = std::size_t{96} << 20;  ///< all keyspaces together, unflushed
  std::uint64_t past_step = kPastStep;                     ///< the same each time; tests have less
  std::function<void(std::string_view)> log = nullptr;     ///< one sentence per call
  rocksdb::Env* env = nullptr;  ///< tests only: a disk that fails; must outlive the store
};

/// Opens or makes the database. One that does not open is removed and made anew, with a line in the
/// log: every view can be rebuilt. Errors: io_error if that does not work either.
Result<std::unique_ptr<GenerationStore>> open_rocksdb_generation_store(
    const RocksdbViewOptions& options);

}  // namespace factum::projections
