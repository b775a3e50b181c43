// Where the keyspaces of views live: one per generation of a projection, and which one is live.
#pragma once

#include "core/es/view_store.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

/// The past of rows is kept in steps of so many positions. Smaller: quicker reads as of a position,
/// larger views.
inline constexpr std::uint64_t kPastStep = 4096;

/// One attempt to build a projection. A rebuild makes the next number; a changed fold the next
/// version.
struct Generation {
  std::string projection;
  std::uint32_t version = 1;
  std::uint64_t number = 1;

  /// "<projection>.<version>.<number>"
  std::string name() const;
  /// Reads a name; nothing if it is none.
  static std::optional<Generation> parse(std::string_view name);
  friend auto operator<=>(const Generation&, const Generation&) = default;
  friend bool operator==(const Generation&, const Generation&) = default;
};

/// Lets builds be settled on several threads, watched and stopped.
struct Settling {
  std::atomic<bool> cancelled{false};
  std::atomic<std::uint64_t> rows_done{0};
};

/// Thread rule: every method is safe from any thread. Keyspaces and readers keep what they need
/// alive, also beyond `drop`; the store itself must outlive them.
class GenerationStore {
 public:
  virtual ~GenerationStore() = default;
  /// Every generation there is, sorted.
  virtual std::vector<Generation> list() const = 0;
  /// Opens a generation, makes it if there is none. `past_tables`: see Projection::past_tables;
  /// always the same for one version. Errors: io_error.
  virtual Result<std::shared_ptr<ViewKeyspace>> open(const Generation& generation,
                                                     const std::string& past_tables) = 0;
  /// Removes rows and position. Errors: io_error; nothing happens if there is no such generation.
  virtual Status drop(const Generation& generation) = 0;
  /// The generation that answers queries, if the projection has one.
  virtual std::optional<Generation> live(const std::string& projection) const = 0;
  /// From now on and after a restart this generation answers. Its rows are on disk first.
  virtual Status set_live(const Generation& generation) = 0;
  /// Ties the store to one log: if it was filled from another one, or by another format of stores,
  /// everything is dropped. Gives whether that happened. Errors: io_error.
  virtual Result<bool> bind_to(const Uuid& log_id) = 0;
  /// Opens a generation that is built from the log, or goes on being built: one writer fills it,
  /// nobody else reads it before it is settled. It begins anew where a crash has left too little.
  /// Errors: io_error.
  virtual Result<std::shared_ptr<ViewKeyspace>> open_build(const Generation& generation,
                                                           const std::string& past_tables) = 0;
  /// Ends the building of a generation whose keyspace was let go: brings it into its smallest form,
  /// in which it is also read fastest. Cost: all rows are sorted and merged. Errors: unavailable
  /// (cancelled; the build can go on), io_error, corrupt.
  virtual Status settle(const Generation& generation, Settling& settling) = 0;
  /// Ends the settling that goes on, soon.
  virtual void cancel(Settling& settling) = 0;
  /// About how many rows `settle` sorts.
  virtual std::uint64_t unsettled_rows(const Generation& generation) const = 0;
  /// Makes sure that no file holds anything of what was dropped. Errors: unavailable (somebody
  /// still reads it; try again soon), io_error.
  virtual Status purge() = 0;
  /// Makes everything committed so far durable, at once or (`wait` = false) soon. Errors: io_error.
  virtual Status flush(bool wait) = 0;
};

}  // namespace factum::projections
