#include "eventstore/witness.hpp"

#include "core/base/hex.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/http_client.hpp"
#include "eventstore/signed_note.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace factum {
namespace {

constexpr std::string_view kCosignature("\x04", 1);
constexpr std::size_t kPublicKeyBytes = 32;
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kSignatureBytes = 8 + 64;  // time, Ed25519
constexpr long kAnswerTimeoutMs = 30'000;
constexpr long kConflict = 409;

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::invalid_argument, what);
}

std::array<char, kIdBytes> id_of(std::string_view name, std::string_view public_key) {
  const Digest digest = sha256({name, "\n", kCosignature, public_key});
  std::array<char, kIdBytes> id{};
  std::copy_n(view(digest).begin(), id.size(), id.begin());
  return id;
}

// One witness: a thread that follows the newest checkpoint.
class Witness {
 public:
  Witness(WitnessOptions options, const WitnessesOptions& all, const ReadRow& read)
      : options_(std::move(options)), all_(all), read_(read), thread_([this] { run(); }) {}

  ~Witness() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  void offer(std::string note) {
    {
      const std::lock_guard lock(mutex_);
      newest_ = std::move(note);
    }
    changed_.notify_all();
  }

  std::string cosignature(const std::string& note) const {
    const std::lock_guard lock(mutex_);
    return note == signed_note_ ? line_ : std::string();
  }

 private:
  void run() {
    auto pause = all_.first_pause;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || newest_ != signed_note_; });
      if (stopping_) return;
      const std::string note = newest_;
      lock.unlock();
      auto line = ask(note);
      lock.lock();
      if (line) {
        signed_note_ = note;
        line_ = std::move(*line);
        pause = all_.first_pause;
        complaint_.clear();
        continue;
      }
      if (stopping_) return;  // that is why, and no fault of the witness
      complain(line.error().message);
      changed_.wait_for(lock, pause, [&] { return stopping_.load(); });
      pause = std::min(2 * pause, all_.pause_max);
    }
  }

  // The line of the witness for a note. Errors: unavailable (no or no good answer), those of
  // reading the tree.
  Result<std::string> ask(const std::string& note) {
    FACTUM_TRY(const SignedNote parsed, SignedNote::parse(note));
    FACTUM_TRY(const Checkpoint checkpoint, Checkpoint::parse(parsed.text));
    FACTUM_TRY(HttpAnswer answer, post(note, checkpoint.size));
    if (answer.status == kConflict) {
      FACTUM_TRY(known_size_, read_size(answer.body, checkpoint.size));
      FACTUM_TRY(answer, post(note, checkpoint.size));
    }
    if (answer.status != 200) return refused("answers " + std::to_string(answer.status));
    for (std::string_view lines = answer.body; !lines.empty();) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      const std::string_view line = lines.substr(0, end);
      lines.remove_prefix(std::min(end + 1, lines.size()));
      if (!options_.key.has_signed(parsed.text, line)) continue;
      known_size_ = checkpoint.size;
      return std::string(line) + "\n";
    }
    return refused("gives no signature by its key");
  }

  Result<HttpAnswer> post(const std::string& note, std::uint64_t size) {
    std::string body = "old " + std::to_string(known_size_) + "\n";
    if (known_size_ > 0 && known_size_ < size) {
      FACTUM_TRY(const auto proof, consistency_proof(read_, known_size_, size));
      for (const Digest& hash : proof) body += base64(view(hash)) + "\n";
    }
    HttpOptions options;
    options.timeout_ms = kAnswerTimeoutMs;
    options.stop = &stopping_;
    return client_.post(options_.url + "/add-checkpoint", body + "\n" + note, options);
  }

  // What a witness that knows another tree says it has.
  Result<std::uint64_t> read_size(std::string_view text, std::uint64_t size_max) const {
    std::uint64_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    const bool whole = read.ec == std::errc{} && text.substr(std::to_string(size).size()) == "\n";
    if (!whole) return refused("gives no size");
    if (size > size_max) return refused("has seen a larger tree of this log");
    return size;
  }

  tl::unexpected<Error> refused(const std::string& what) const {
    return fail(ErrorCode::unavailable, "the witness " + options_.key.name + " " + what);
  }

  void complain(const std::string& why) {
    if (complaint_ == why) return;
    complaint_ = why;
    if (all_.log) all_.log("a checkpoint was not cosigned: " + why);
  }

  const WitnessOptions options_;
  const WitnessesOptions& all_;
  const ReadRow& read_;
  // Of the thread alone.
  HttpClient client_;
  std::uint64_t known_size_ = 0;
  std::string complaint_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_ = false;
  // Guarded by mutex_.
  std::string newest_;
  std::string signed_note_;
  std::string line_;

  std::thread thread_;
};

class AllWitnesses final : public Witnesses {
 public:
  AllWitnesses(WitnessesOptions options, ReadRow read)
      : options_(std::move(options)), read_(std::move(read)) {
    for (const WitnessOptions& witness : options_.witnesses)
      witnesses_.push_back(std::make_unique<Witness>(witness, options_, read_));
  }

  void offer(std::string note) override {
    for (const auto& witness : witnesses_) witness->offer(note);
  }

  std::string cosignatures(const std::string& note) const override {
    std::string lines;
    for (const auto& witness : witnesses_) lines += witness->cosignature(note);
    return lines;
  }

 private:
  const WitnessesOptions options_;
  const ReadRow read_;
  std::vector<std::unique_ptr<Witness>> witnesses_;
};

}  // namespace

Result<WitnessKey> WitnessKey::parse(std::string_view vkey) {
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (first == 0 || second == std::string_view::npos)
    return malformed("the key of a witness is name+id+key");
  const auto raw = from_base64(vkey.substr(second + 1));
  if (!raw || raw->size() != 1 + kPublicKeyBytes || !raw->starts_with(kCosignature))
    return malformed("the key of a witness is one of Ed25519 for cosignatures (type 4)");
  WitnessKey key{std::string(vkey.substr(0, first)), {}, raw->substr(1)};
  key.id = id_of(key.name, key.public_key);
  if (vkey.substr(first + 1, second - first - 1) !=
      to_hex(std::string_view(key.id.data(), key.id.size())))
    return malformed("the id of a witness' key does not fit its name and key");
  return key;
}

bool WitnessKey::has_signed(std::string_view checkpoint_text, std::string_view line) const {
  const std::string start = "\xE2\x80\x94 " + name + " ";
  if (!line.starts_with(start)) return false;
  const auto raw = from_base64(line.substr(start.size()));
  if (!raw || raw->size() != kIdBytes + kSignatureBytes ||
      !raw->starts_with(std::string_view(id.data(), id.size())))
    return false;
  ByteReader reader(std::string_view(*raw).substr(kIdBytes));
  const std::string message =
      "cosignature/v1\ntime " + std::to_string(reader.u64()) + "\n" + std::string(checkpoint_text);
  return verify_ed25519(public_key, message, reader.rest());
}

Result<WitnessOptions> WitnessOptions::parse(std::string_view text) {
  const std::size_t split = text.find("=http");
  if (split == std::string_view::npos)
    return malformed("a witness is given as VKEY=URL, with an http address");
  WitnessOptions options;
  FACTUM_TRY(options.key, WitnessKey::parse(text.substr(0, split)));
  options.url = text.substr(split + 1);
  if (const auto address = check_http_address(options.url); !address)
    return fail(ErrorCode::invalid_argument, "a witness: " + address.error().message);
  while (options.url.ends_with('/')) options.url.pop_back();
  return options;
}

std::unique_ptr<Witnesses> start_witnesses(WitnessesOptions options, ReadRow read) {
  return std::make_unique<AllWitnesses>(std::move(options), std::move(read));
}

}  // namespace factum
