// Checkpoints and their witnesses, against a witness of c2sp.org/tlog-witness that is only as large
// as a test needs.
#include "eventstore/witness.hpp"

#include "api/server/http_server.hpp"
#include "core/base/hex.hpp"
#include "eventstore/bytes.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/signed_log.hpp"
#include "eventstore/signed_note.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace factum;
using namespace factum::test;
using factum::api::HttpRequest;
using factum::api::HttpResponse;

namespace {

constexpr std::string_view kType("\x04", 1);
constexpr std::uint64_t kTime = 1'700'000'000;

// Checks the proof and signs, as a witness does. What it is told to fail it answers with 500.
class FakeWitness final : public api::HttpService {
 public:
  FakeWitness() : signer_("witness.example/w1", SecretKey::random()) {
    const auto& key = signer_.verifier();
    id_ = sha256({key.name, "\n", kType, key.public_key});
    server_ = api::start_http_server({.port = 0, .threads = 1}, *this, clock_).value();
  }

  std::string vkey() const {
    return signer_.verifier().name + "+" + to_hex(view(id_).substr(0, 4)) + "+" +
           base64(std::string(kType) + signer_.verifier().public_key);
  }
  std::string option() const {
    return vkey() + "=http://127.0.0.1:" + std::to_string(server_->port()) + "/";
  }

  void fail_next(int count) {
    const std::lock_guard lock(mutex_);
    failures_ = count;
  }
  std::uint64_t seen() const {
    const std::lock_guard lock(mutex_);
    return tree_.size;
  }
  void wait_for(std::uint64_t size) {
    std::unique_lock lock(mutex_);
    CHECK(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return tree_.size == size; }));
  }
  std::vector<int> answers() const {
    const std::lock_guard lock(mutex_);
    return answers_;
  }

  api::Admission admit(const HttpRequest& /*head*/) const override { return {100'000, {}}; }
  HttpResponse failure(api::HttpFailure /*failure*/) const override { return {400, {}, {}, {}}; }
  void handle(std::shared_ptr<const HttpRequest> request, api::Respond respond) override {
    HttpResponse response;
    {
      const std::lock_guard lock(mutex_);
      response =
          request->path == "/add-checkpoint" ? add(request->body) : HttpResponse{404, {}, {}, {}};
      answers_.push_back(response.status);
    }
    changed_.notify_all();
    respond(std::move(response));
  }

 private:
  HttpResponse add(const std::string& body) {
    if (failures_ > 0) return --failures_, HttpResponse{500, {}, {}, {}};
    const std::size_t split = body.find("\n\n");
    const auto note = SignedNote::parse(body.substr(split + 2)).value();
    const auto tree = Checkpoint::parse(note.text).value();
    std::uint64_t old = 0;
    std::from_chars(body.data() + 4, body.data() + split, old);
    if (old != tree_.size)
      return {409, {{"Content-Type", "text/x.tlog.size"}}, std::to_string(tree_.size) + "\n", {}};
    std::vector<Digest> proof;
    for (std::size_t at = body.find('\n'); at < split; at += 45)
      proof.push_back(to_digest(from_base64(body.substr(at + 1, 44)).value()));
    if (old > 0 && !verify_consistency(old, tree.size, tree_.root, tree.root, proof))
      return {422, {}, {}, {}};
    tree_ = tree;
    return {200, {}, cosignature(note.text), {}};
  }

  std::string cosignature(const std::string& text) const {
    const std::string message = "cosignature/v1\ntime " + std::to_string(kTime) + "\n" + text;
    std::string bytes(view(id_).substr(0, 4));
    ByteWriter(bytes).u64(kTime);
    bytes += SignedNote::parse(signer_.sign(message)).value().signatures[0].bytes;
    return "\xE2\x80\x94 " + signer_.verifier().name + " " + base64(bytes) + "\n";
  }

  NoteSigner signer_;
  Digest id_{};
  ManualClock clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Checkpoint tree_;  // guarded by mutex_, as what follows
  int failures_ = 0;
  std::vector<int> answers_;
  std::unique_ptr<api::HttpServer> server_;
};

// Takes requests and never answers.
class SilentWitness {
 public:
  SilentWitness() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(socket_, any, bytes) == 0);
    REQUIRE(::listen(socket_, 1) == 0);
    REQUIRE(::getsockname(socket_, any, &bytes) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentWitness() {
    if (request_ >= 0) ::close(request_);
    ::close(socket_);
  }
  SilentWitness(const SilentWitness&) = delete;
  SilentWitness& operator=(const SilentWitness&) = delete;

  int port() const { return port_; }
  void wait_for_request() {
    request_ = ::accept(socket_, nullptr, nullptr);
    char first = 0;
    REQUIRE(::recv(request_, &first, 1, 0) == 1);
  }

 private:
  const int socket_;
  int request_ = -1;
  int port_ = 0;
};

// A log in memory that is signed whenever it grows.
class WitnessedLog {
 public:
  explicit WitnessedLog(const std::vector<std::string>& witnesses) {
    std::filesystem::permissions(keys_.path(), std::filesystem::perms::owner_all);
    for (const std::string& text : witnesses)
      witnesses_.push_back(WitnessOptions::parse(text).value());
    open();
  }

  void open() {
    SignedLogOptions options;
    options.signer = {keys_.path().string(), std::string(64, '5'), store_->log_id()};
    options.interval = std::chrono::milliseconds(1);
    options.witnesses.witnesses = witnesses_;
    options.witnesses.first_pause = std::chrono::milliseconds(5);
    options.witnesses.pause_max = std::chrono::milliseconds(20);
    options.witnesses.log = [this](std::string_view text) {
      const std::lock_guard lock(mutex_);
      logged_.emplace_back(text);
      told_.notify_all();
    };
    audit_ = make_signed_log(*store_, std::move(options));
  }
  void close() { audit_.reset(); }

  void append(int events) {
    for (int i = 0; i < events; ++i)
      REQUIRE(append_and_wait(*store_, request_of({test_event("DealWon", {"deal:1"})})));
  }
  AuditLog& audit() { return *audit_; }
  std::vector<std::string> logged() const {
    const std::lock_guard lock(mutex_);
    return logged_;
  }
  /// Waits until a line with that text was logged.
  bool wait_for_log(std::string_view text) {
    std::unique_lock lock(mutex_);
    return told_.wait_for(lock, std::chrono::seconds(20), [&] {
      return std::any_of(logged_.begin(), logged_.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
      });
    });
  }

 private:
  TempDir keys_;
  ManualClock clock_;
  std::unique_ptr<EventStore> store_ = make_memory_event_store(clock_);
  std::vector<WitnessOptions> witnesses_;
  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::string> logged_;  // guarded by mutex_
  std::unique_ptr<AuditLog> audit_;
};

// The newest checkpoint once that many signatures stand below it.
std::string note_with(AuditLog& audit, std::size_t signatures) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until) {
    std::string note = audit.checkpoint().value();
    if (SignedNote::parse(note)->signatures.size() == signatures) return note;
    std::this_thread::yield();
  }
  return {};
}

}  // namespace

TEST_CASE("a checkpoint is served with what its witnesses signed, and grows with proofs") {
  FakeWitness witness;
  FakeWitness other;
  WitnessedLog log({witness.option(), other.option()});
  log.append(3);
  witness.wait_for(3);
  other.wait_for(3);
  log.append(70);
  witness.wait_for(73);
  const std::string note = note_with(log.audit(), 3);
  const auto parsed = SignedNote::parse(note);
  REQUIRE(parsed);
  const auto key = VerifierKey::parse(log.audit().identity()->vkey).value();
  CHECK(open_checkpoint(note, key)->size == 73);
  const auto witness_key = WitnessKey::parse(witness.vkey()).value();
  std::size_t by_witness = 0;
  std::string changed = parsed->text;
  changed[changed.size() - 5] ^= 1;
  for (std::size_t at = note.find("\n\n") + 2; at < note.size(); at = note.find('\n', at) + 1) {
    const std::string line = note.substr(at, note.find('\n', at) - at);
    if (witness_key.has_signed(parsed->text, line)) ++by_witness;
    CHECK_FALSE(witness_key.has_signed(changed, line));
  }
  CHECK(by_witness == 1);
  CHECK(log.audit().proof(Position(7))->ends_with(note));
  CHECK(log.logged().empty());
}

TEST_CASE("a log that starts again asks its witness what it has seen") {
  FakeWitness witness;
  WitnessedLog log({witness.option()});
  log.append(5);
  witness.wait_for(5);
  CHECK_FALSE(note_with(log.audit(), 2).empty());
  log.close();
  log.append(4);
  log.open();
  witness.wait_for(9);
  CHECK_FALSE(note_with(log.audit(), 2).empty());
  const auto answers = witness.answers();
  CHECK(std::count(answers.begin(), answers.end(), 409) == 1);
  CHECK(std::count(answers.begin(), answers.end(), 422) == 0);
}

TEST_CASE("a witness that fails blocks nothing, is told once and asked again") {
  FakeWitness witness;
  witness.fail_next(4);
  WitnessedLog log({witness.option()});
  log.append(2);
  CHECK(log.audit().checkpoint());
  witness.wait_for(2);
  CHECK_FALSE(note_with(log.audit(), 2).empty());
  REQUIRE(log.logged().size() == 1);
  CHECK(log.logged()[0] ==
        "a checkpoint was not cosigned: the witness witness.example/w1 answers 500");
}

TEST_CASE("nobody listens: checkpoints go on without a cosignature") {
  FakeWitness gone;
  WitnessedLog log({gone.vkey() + "=http://127.0.0.1:1"});
  log.append(2);
  CHECK(log.wait_for_log("a checkpoint was not cosigned: "));
  log.append(3);
  const auto key = VerifierKey::parse(log.audit().identity()->vkey).value();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string note = log.audit().checkpoint().value();
  while (open_checkpoint(note, key)->size < 5 && std::chrono::steady_clock::now() < until)
    note = log.audit().checkpoint().value();
  CHECK(open_checkpoint(note, key)->size == 5);
  CHECK(SignedNote::parse(note)->signatures.size() == 1);
}

TEST_CASE("a request to a witness that the end of the program interrupts is no failure") {
  FakeWitness gone;
  SilentWitness silent;
  WitnessedLog log({gone.vkey() + "=http://127.0.0.1:" + std::to_string(silent.port())});
  log.append(2);
  silent.wait_for_request();
  log.close();
  CHECK(log.logged().empty());
}

TEST_CASE("what a witness has not signed, or another key has, is not taken") {
  FakeWitness witness;
  const FakeWitness stranger;
  const std::string address = witness.option().substr(witness.option().find("=http"));
  WitnessedLog log({stranger.vkey() + address});
  log.append(2);
  witness.wait_for(2);
  CHECK(log.wait_for_log("gives no signature by its key"));
  CHECK(SignedNote::parse(log.audit().checkpoint().value())->signatures.size() == 1);
}

TEST_CASE("a witness is a key and an address, and anything else is refused") {
  FakeWitness witness;
  CHECK(WitnessOptions::parse(witness.option()));
  for (const std::string& text :
       {std::string(), witness.vkey(), std::string("=http://a"), witness.vkey() + "=ftp://a",
        witness.vkey() + "=httpx", "x" + witness.option(),
        std::string("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
                    "=http://a")})
    CHECK_MESSAGE(!WitnessOptions::parse(text), text);
  for (const std::string address : {"https://a", "http://a:65535/below/", "http://[::1]:8080"})
    CHECK_MESSAGE(WitnessOptions::parse(witness.vkey() + "=" + address), address);
  for (const std::string address :
       {"http://", "http:", "https://:8080", "http://a:b", "http://a:65536", "http://a:-1",
        "http://a:8080x", "http://a:80:80", "http://a b", "http://[::1", "http://a?x=1",
        "http://a/#x"}) {
    const auto refused = WitnessOptions::parse(witness.vkey() + "=" + address);
    REQUIRE_MESSAGE(!refused, address);
    CHECK(refused.error().code == ErrorCode::invalid_argument);
    CHECK(refused.error().message.find(address + " is no http address: ") != std::string::npos);
  }
}
