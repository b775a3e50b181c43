#include "eventstore/signed_log.hpp"

#include "eventstore/audit_log_source.hpp"
#include "eventstore/bundle_export.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/key_files.hpp"
#include "eventstore/record_format.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace factum {
namespace {

constexpr std::chrono::milliseconds kPoll{100};
// An event has at most 1 MiB, so a piece of a bundle is bounded too.
constexpr std::uint64_t kEventsPerPiece = 32;

tl::unexpected<Error> not_published() {
  return fail(ErrorCode::not_found, "the newest checkpoint has nothing there");
}

void add_entry(std::string& out, const RecordedEvent& event) {
  ByteWriter(out).text16(tree_entry(event.position, event.recorded_at, event.event_hash));
}

void add_record(std::string& out, const RecordedEvent& event) {
  std::string record;
  encode_record(event.record, record);
  ByteWriter(out).text32(record);
}

void add_ciphertexts(std::string& out, const RecordedEvent& event) {
  ByteWriter writer(out);
  for (const auto& ciphertext : event.ciphertexts) {
    writer.u8(ciphertext ? 1 : 0);
    if (ciphertext) writer.text32(*ciphertext);
  }
}

Result<std::unique_ptr<LogSigner>> no_keys() {
  return fail(ErrorCode::unavailable, "no checkpoint is signed: there is no folder of keys");
}

class SignedLog final : public AuditLog {
 public:
  SignedLog(const EventStore& store, SignedLogOptions options)
      : store_(store), options_(std::move(options)) {
    auto signer =
        options_.signer.keys_directory.empty() ? no_keys() : LogSigner::open(options_.signer);
    if (!signer) {
      report(signer.error().message);
      return;
    }
    signer_ = std::move(*signer);
    identity_ = AuditIdentity{signer_->origin(), store_.log_id(), signer_->verifier().to_string()};
    if (!options_.witnesses.witnesses.empty())
      witnesses_ = start_witnesses(options_.witnesses, reader());
    if (!options_.vkey_file.empty())
      ignore_error(write_private_file(options_.vkey_file, identity_->vkey + "\n"),
                   "it is only a copy");
    if (!options_.handovers_file.empty() && !signer_->chain().notes.empty())
      ignore_error(write_private_file(options_.handovers_file, signer_->chain().json()),
                   "it is only a copy");
    sign();
    if (options_.interval.count() > 0) thread_ = std::thread([this] { run(); });
  }

  ~SignedLog() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (signer_) sign();
  }

  Result<AuditIdentity> identity() const override {
    const std::lock_guard lock(mutex_);
    if (!identity_) return fail(ErrorCode::unavailable, why_not_);
    return *identity_;
  }

  Result<std::string> handovers() const override {
    FACTUM_CHECK(identity());
    if (signer_->chain().notes.empty())
      return fail(ErrorCode::not_found, "the signing key was never handed over");
    return signer_->chain().json();
  }

  Result<std::string> checkpoint() const override {
    const std::lock_guard lock(mutex_);
    if (!why_not_.empty()) return fail(ErrorCode::unavailable, why_not_);
    return witnesses_ ? note_ + witnesses_->cosignatures(note_) : note_;
  }

  Result<std::string> tile(std::uint8_t level, std::string_view path) const override {
    FACTUM_TRY(const TilePlace place, parse_tile_path(path));
    if (level >= kTreeRows) return not_published();
    std::uint64_t in_row = published();
    for (std::uint8_t row = 0; row < level; ++row) in_row /= kTileWidth;
    FACTUM_CHECK(check_place(place, in_row));
    FACTUM_TRY(const auto hashes, store_.tree_row(level, place.index * kTileWidth, place.width));
    std::string bytes;
    for (const Digest& hash : hashes) bytes += view(hash);
    return bytes;
  }

  Result<Pieces> bundle(AuditBundle kind, std::string_view path) const override {
    FACTUM_TRY(const TilePlace place, parse_tile_path(path));
    FACTUM_CHECK(check_place(place, published()));
    const std::uint64_t first = place.index * kTileWidth + 1;
    return Pieces([this, kind, next = first,
                   end = first + place.width]() mutable -> Result<std::optional<std::string>> {
      if (next == end) return std::optional<std::string>{};
      const std::uint64_t last = std::min(end, next + kEventsPerPiece) - 1;
      FACTUM_TRY(std::string piece, read_piece(kind, Position(next), Position(last)));
      next = last + 1;
      return std::optional<std::string>(std::move(piece));
    });
  }

  Result<Pieces> archive(std::string event_schemas) const override {
    FACTUM_CHECK(checkpoint());
    BundleContent content;
    FACTUM_TRY(const AuditIdentity known, identity());
    content.vkey = known.vkey;
    content.more.emplace(kSchemaPath, std::move(event_schemas));
    if (auto chain = handovers()) content.more.emplace(kHandoversPath, std::move(*chain));
    return zip_pieces(make_audit_log_source(*this), std::move(content));
  }

  Result<std::string> proof(Position position) const override {
    FACTUM_TRY(const std::string note, checkpoint());
    FACTUM_TRY(const SignedNote parsed, SignedNote::parse(note));
    FACTUM_TRY(const Checkpoint signed_tree, Checkpoint::parse(parsed.text));
    if (position.value() == 0) return not_published();
    FACTUM_TRY(const auto path, inclusion_proof(reader(), position.value() - 1, signed_tree.size));
    std::string text = "c2sp.org/tlog-proof@v1\nindex " + std::to_string(position.value() - 1);
    for (const Digest& hash : path) text += "\n" + base64(view(hash));
    return text + "\n\n" + note;
  }

  Result<std::vector<std::string>> consistency(std::uint64_t from,
                                               std::uint64_t to) const override {
    if (to > published()) return not_published();
    FACTUM_TRY(const auto hashes, consistency_proof(reader(), from, to));
    std::vector<std::string> texts;
    for (const Digest& hash : hashes) texts.push_back(base64(view(hash)));
    return texts;
  }

 private:
  Result<std::string> read_piece(AuditBundle kind, Position first, Position last) const {
    ReadOptions options;
    options.from = first;
    options.to = last;
    options.with_slots = kind == AuditBundle::ciphertexts;
    FACTUM_TRY(const auto events, store_.read({}, options));
    std::string bytes;
    for (const RecordedEvent& event : events) {
      switch (kind) {
        case AuditBundle::entries: add_entry(bytes, event); break;
        case AuditBundle::records: add_record(bytes, event); break;
        case AuditBundle::ciphertexts: add_ciphertexts(bytes, event); break;
      }
    }
    return bytes;
  }

  ReadRow reader() const {
    return [this](std::uint8_t row, std::uint64_t first, std::size_t count) {
      return store_.tree_row(row, first, count);
    };
  }

  std::uint64_t published() const {
    const std::lock_guard lock(mutex_);
    return size_;
  }

  // Also partial tiles of earlier checkpoints are served, and any that those of today reach.
  static Status check_place(const TilePlace& place, std::uint64_t in_row) {
    const bool there =
        place.index <= in_row / kTileWidth && place.index * kTileWidth + place.width <= in_row;
    return there ? Status{} : not_published();
  }

  void run() {
    auto signed_at = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    std::uint64_t tried = size_;  // what cannot be signed is tried again only when there is more
    while (!stopping_) {
      changed_.wait_for(lock, std::min(kPoll, options_.interval), [&] { return stopping_; });
      const std::uint64_t head = store_.head().value();
      const std::uint64_t news = head - tried;
      const auto now = std::chrono::steady_clock::now();
      const bool due = now - signed_at >= options_.interval;
      if (stopping_ || news == 0 || (!due && news < options_.events_max)) continue;
      lock.unlock();
      sign();
      lock.lock();
      signed_at = now;
      tried = head;
    }
  }

  // One thread at a time: the constructor, then the signing thread, then the destructor.
  void sign() {
    const std::uint64_t size = store_.head().value();
    const auto note = signer_->sign(reader(), size);
    if (!note) return report(note.error().message);
    if (!options_.checkpoint_file.empty())
      ignore_error(write_private_file(options_.checkpoint_file, *note), "it is only a copy");
    const std::lock_guard lock(mutex_);
    note_ = *note;
    size_ = size;
    why_not_.clear();
    if (witnesses_) witnesses_->offer(note_);
  }

  void report(const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (why_not_ == why) return;
    why_not_ = why;
    if (options_.log) options_.log(why);
  }

  const EventStore& store_;
  const SignedLogOptions options_;
  std::unique_ptr<LogSigner> signer_;
  std::unique_ptr<Witnesses> witnesses_;  // null: nobody is asked
  std::optional<AuditIdentity> identity_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::string note_;
  std::uint64_t size_ = 0;
  std::string why_not_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace

std::unique_ptr<AuditLog> make_signed_log(const EventStore& store, SignedLogOptions options) {
  return std::make_unique<SignedLog>(store, std::move(options));
}

}  // namespace factum
