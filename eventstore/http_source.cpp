#include "eventstore/http_source.hpp"

#include "core/es/json_reader.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/http_client.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace factum {
namespace {

constexpr int kTriesMax = 6;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kPauseMax{30'000};
constexpr std::chrono::milliseconds kLookEvery{100};
constexpr std::array<long, 6> kTransient{408, 429, 500, 502, 503, 504};

struct ConsistencyAnswer {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<std::string> hashes;

  static void describe(FieldVisitor& v, ConsistencyAnswer& a) {
    v.shown("from", a.from, "Events of the smaller tree");
    v.shown("to", a.to, "Events of the larger tree");
    v.shown("hashes", a.hashes, "The proof of RFC 6962 §2.1.2, in base64");
  }
};

bool is_transient(long status) {
  return std::find(kTransient.begin(), kTransient.end(), status) != kTransient.end();
}

class HttpSource final : public LogSource {
 public:
  HttpSource(std::string prefix, const std::atomic<bool>* stop)
      : prefix_(std::move(prefix)), stop_(stop) {}

  std::string name() const override { return prefix_; }
  bool proves_consistency() const override { return true; }

  Result<MaybeFile> read(const std::string& path, std::size_t bytes_max) override {
    auto client = take();
    auto file = read_patiently(*client, path, bytes_max);
    give_back(std::move(client));
    if (file && !*file && path == "checkpoint")
      return fail(ErrorCode::unavailable, prefix_ + "/checkpoint: there is no such file");
    return file;
  }

  Result<std::string> claimed_vkey() override {
    FACTUM_TRY(const MaybeFile file, read("log", SourceLimits::kSmallBytesMax));
    if (!file) return fail(ErrorCode::unavailable, prefix_ + "/log: there is no such file");
    return vkey_of_log_file(file->bytes);
  }

  Status check_identity(const VerifierKey& key, const Checkpoint& /*checkpoint*/) override {
    FACTUM_TRY(const MaybeFile file, read("log", SourceLimits::kSmallBytesMax));
    if (file) return check_log_file(file->bytes, key);
    note("the source has no file 'log'");
    return {};
  }

  Result<std::optional<std::vector<Digest>>> consistency(std::uint64_t from,
                                                         std::uint64_t to) override {
    const auto nothing = std::optional<std::vector<Digest>>();
    const auto file = read("consistency?from=" + std::to_string(from) + "&to=" + std::to_string(to),
                           SourceLimits::kSmallBytesMax);
    if (!file || !*file) return nothing;  // the trees themselves were compared
    const auto wrong = fail(ErrorCode::corrupt, "the consistency proof is not what was asked for");
    const auto answer = from_json<ConsistencyAnswer>((*file)->bytes, {.stored = true});
    const auto is = [](std::int64_t number, std::uint64_t asked) {
      return number >= 0 && static_cast<std::uint64_t>(number) == asked;
    };
    if (!answer || !is(answer->from, from) || !is(answer->to, to)) return wrong;
    std::vector<Digest> proof;
    for (const std::string& text : answer->hashes) {
      const auto hash = from_base64(text);
      if (!hash || hash->size() != sizeof(Digest)) return wrong;
      proof.push_back(to_digest(*hash));
    }
    return std::optional(std::move(proof));
  }

 private:
  Result<MaybeFile> read_patiently(HttpClient& client, const std::string& path,
                                   std::size_t bytes_max) {
    const std::string url = prefix_ + "/" + path;
    HttpOptions options;
    options.body_bytes_max = bytes_max;
    options.stop = stop_;
    auto pause = kFirstPause;
    for (int tries = 1;; ++tries, pause *= 2) {
      auto answer = client.get(url, options);
      if (!answer && answer.error().code != ErrorCode::unavailable)
        return fail(std::move(answer).error());
      if (answer && answer->status == 200) return MaybeFile({std::move(answer->body), false});
      if (answer && answer->status == 404) return MaybeFile();
      const bool again = !answer || is_transient(answer->status);
      const bool stopped = stop_ != nullptr && *stop_;
      if (!again || stopped || tries == kTriesMax) {
        if (!answer) return fail(std::move(answer).error());
        return fail(ErrorCode::unavailable, url + ": answers " + std::to_string(answer->status));
      }
      const std::chrono::seconds asked(answer ? answer->retry_after_s : 0);
      wait(std::min(std::max<std::chrono::milliseconds>(pause, asked), kPauseMax));
    }
  }

  // A pause between two tries, short when the program is to stop.
  void wait(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    const auto stopped = [this] { return stop_ != nullptr && *stop_; };
    std::unique_lock lock(mutex_);
    while (std::chrono::steady_clock::now() < until &&
           !never_.wait_for(lock, std::min(time, kLookEvery), stopped))
      continue;
  }

  std::unique_ptr<HttpClient> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<HttpClient>();
    auto client = std::move(free_.back());
    free_.pop_back();
    return client;
  }

  void give_back(std::unique_ptr<HttpClient> client) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(client));
  }

  const std::string prefix_;
  const std::atomic<bool>* const stop_;
  std::mutex mutex_;
  std::condition_variable never_;                  // only its time runs out
  std::vector<std::unique_ptr<HttpClient>> free_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<LogSource>> open_http_source(std::string prefix,
                                                    const std::atomic<bool>* stop) {
  FACTUM_CHECK(check_http_address(prefix));
  while (prefix.ends_with('/')) prefix.pop_back();
  return std::unique_ptr<LogSource>(std::make_unique<HttpSource>(std::move(prefix), stop));
}

}  // namespace factum
