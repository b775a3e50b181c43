#include "eventstore/rocksdb_log_check.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/log_signer.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_tree.hpp"
#include "eventstore/signed_note.hpp"

#include <rocksdb/db.h>

namespace factum {
namespace {

constexpr std::uint64_t kLookEvery = 4096;
constexpr std::size_t kReadaheadBytes = std::size_t{2} << 20;

tl::unexpected<Error> wrong(std::uint64_t position, std::string_view what) {
  return fail(Error{ErrorCode::corrupt,
                    "the event at position " + std::to_string(position) + " " + std::string(what),
                    {},
                    {},
                    position});
}

// What a pass over the records has come to.
class RecordPass {
 public:
  Status add(std::string_view key, std::string_view stored) {
    const std::uint64_t position = tree_.size() + 1;
    if (key != position_key(Position(position))) return wrong(position, "is missing");
    const auto parts = split_stored(stored);
    if (!parts) return wrong(position, "is damaged");
    if (parts->recorded_at < last_) return wrong(position, "was recorded before the one before it");
    last_ = parts->recorded_at;
    if (view(sha256(parts->record)) != parts->event_hash)
      return wrong(position, "was changed: its hash is not that of its record");
    entry_ = key;
    entry_ += stored.substr(0, kStoredHeaderBytes);
    tree_.add(leaf_hash(entry_), [](const TreeNode&, const std::vector<Digest>&) {});
    return {};
  }

  const TreeEdge& tree() const { return tree_; }

 private:
  TreeEdge tree_;
  Timestamp last_{INT64_MIN};
  std::string entry_;
};

Result<Checkpoint> checkpoint_of(std::string_view note) {
  const auto parsed = SignedNote::parse(note);
  if (!parsed) return fail(ErrorCode::corrupt, "the checkpoint: " + parsed.error().message);
  const auto checkpoint = Checkpoint::parse(parsed->text);
  if (!checkpoint) return fail(ErrorCode::corrupt, "the checkpoint: " + checkpoint.error().message);
  return *checkpoint;
}

}  // namespace

ReadRow stored_rows(const Database& database, Position head) {
  return [&database, head](std::uint8_t row, std::uint64_t first, std::size_t count) {
    return read_tree_row(database, head, row, first, count);
  };
}

Status check_blocks(const Database& database) {
  const auto status = database.db().VerifyChecksum();
  if (!status.ok()) return fail(error_of(status));
  return {};
}

Result<CheckedLog> check_records(const Database& database, const WorkWatch& watch) {
  FACTUM_TRY(const Position head, database.last_position());
  rocksdb::ReadOptions options;
  options.readahead_size = kReadaheadBytes;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(options, database.family(Family::records)));
  RecordPass pass;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    FACTUM_CHECK(pass.add(rows->key().ToStringView(), rows->value().ToStringView()));
    if (pass.tree().size() % kLookEvery != 0) continue;
    watch.on_progress("root", pass.tree().size(), head.value());
    if (watch.cancelled()) return fail(ErrorCode::unavailable, "the check was interrupted");
  }
  if (!rows->status().ok()) return fail(error_of(rows->status()));
  watch.on_progress("root", pass.tree().size(), head.value());
  const CheckedLog checked{Position(pass.tree().size()), pass.tree().root()};
  FACTUM_TRY(const Digest stored, tree_root(stored_rows(database, head), head.value()));
  if (stored != checked.root)
    return fail(ErrorCode::corrupt, "the Merkle tree of the log is not that of its records");
  return checked;
}

Status check_checkpoint(const Database& database, const CheckedLog& checked,
                        std::string_view note) {
  if (note.empty()) return {};
  FACTUM_TRY(const Checkpoint signed_tree, checkpoint_of(note));
  if (signed_tree.origin != origin_of(database.log_id()))
    return fail(ErrorCode::corrupt, "the checkpoint is that of another log");
  if (signed_tree.size > checked.head.value()) {
    return fail(ErrorCode::corrupt, "the log has " + std::to_string(checked.head.value()) +
                                        " events, and " + std::to_string(signed_tree.size) +
                                        " were signed");
  }
  FACTUM_TRY(const Digest root, tree_root(stored_rows(database, checked.head), signed_tree.size));
  if (root == signed_tree.root) return {};
  return fail(ErrorCode::corrupt, "the first " + std::to_string(signed_tree.size) +
                                      " events of the log are not those that were signed");
}

}  // namespace factum
