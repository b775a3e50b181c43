#include "tests/faults/loops/byte_flips.hpp"

#include "eventstore/hash.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/random_commands.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>

namespace factum::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kEventsInTables = 300;
constexpr std::uint64_t kEventsInAll = 340;
constexpr std::uint64_t kDataBytesMax = 60;
constexpr const char* kWithoutContent = "files without content (LOG, OPTIONS, IDENTITY, locks)";

// Everything that a log answers, as one text per subject.
struct Content {
  std::string events;
  std::string state;  // claims, outcomes, index, stored tree
  Digest root{};      // computed from the events
};

Result<Digest> stored_root(const EventStore& store) {
  const ReadRow read = [&](std::uint8_t row, std::uint64_t first, std::size_t count) {
    return store.tree_row(row, first, count);
  };
  return tree_root(read, store.head().value());
}

Status read_events(const EventStore& store, Content& content) {
  ReadOptions everything;
  everything.limit = SIZE_MAX;
  FACTUM_TRY(const auto events, store.read({}, everything));
  TreeEdge edge;
  for (const RecordedEvent& event : events) {
    const std::string entry = tree_entry(event.position, event.recorded_at, event.event_hash);
    edge.add(leaf_hash(entry), [](const TreeNode&, const std::vector<Digest>&) {});
    content.events += entry;
    encode_record(event.record, content.events);
    for (const auto& ciphertext : event.ciphertexts) content.events += ciphertext.value_or("gone");
  }
  content.root = edge.root();
  return {};
}

Status read_state(const EventStore& store, Content& content) {
  for (std::uint64_t i = 0; i < RandomCommands::kClaimKeys; ++i) {
    FACTUM_TRY(const auto claim,
               store.find_claim(RandomCommands::kSpace, RandomCommands::digest_of(i)));
    if (claim)
      content.state +=
          claim->holder + claim->payload + std::to_string(claim->position.value()) + '\n';
  }
  for (std::uint64_t i = 0; i < RandomCommands::kIdempotencyKeys; ++i) {
    FACTUM_TRY(const auto outcome, store.find_outcome(RandomCommands::digest_of(i)));
    if (outcome)
      content.state += outcome->outcome + std::to_string(outcome->first.value()) + '-' +
                       std::to_string(outcome->last.value()) + '\n' +
                       std::string(view(outcome->request));
  }
  ReadOptions bare;
  bare.limit = SIZE_MAX;
  bare.with_slots = false;
  for (const std::string& tag : RandomCommands::all_tags()) {
    FACTUM_TRY(const auto events, store.read(query_of({}, {tag}), bare));
    content.state += tag + ": " + show_positions(events) + '\n';
  }
  FACTUM_TRY(const Digest root, stored_root(store));
  content.state += std::string(view(root)) + store.log_id().to_string();
  return {};
}

class Sweep {
 public:
  explicit Sweep(std::uint64_t seed) : random_(seed) {
    make_log(seed);
    const auto sound = read(folder_ / "sound");
    require(sound.has_value(), "the log can be read before anything is flipped");
    sound_ = *sound;
    for (const auto& file : fs::directory_iterator(folder_ / "original")) {
      const std::uint64_t size = file.file_size();
      for (std::uint64_t at = 0; at < size; ++at)
        places_.emplace_back(file.path().filename().string(), at);
    }
    std::shuffle(places_.begin(), places_.end(), random_);
    std::stable_partition(places_.begin(), places_.end(), [](const auto& place) {
      return kind_of(place.first) != kWithoutContent;
    });
  }

  std::uint64_t bytes() const { return places_.size(); }

  void flip_next() {
    const auto& [name, at] = places_[next_++];
    const std::string place = copy("flipped") + "/" + name;
    std::fstream file(place, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ (1 << random_() % 8));
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    file.close();
    const std::string kind = kind_of(name);
    ++counts_[kind + ": " + verdict(read(folder_ / "flipped"), name, at)];
    ++counts_[kind + ": flips"];
  }

  const Counts& counts() const { return counts_; }

 private:
  static std::string kind_of(const std::string& name) {
    if (name.ends_with(".log")) return "write-ahead log";
    if (name.ends_with(".sst")) return "tables";
    if (name.starts_with("MANIFEST")) return "MANIFEST";
    if (name == "CURRENT") return "CURRENT";
    return kWithoutContent;
  }

  EventStoreOptions options(const std::string& folder) {
    EventStoreOptions options;
    options.directory = folder;
    options.clock = &clock_;
    options.block_cache_bytes = std::size_t{1} << 20;
    options.flush_on_close = false;
    return options;
  }

  void append_until(std::uint64_t head, RandomCommands& random, bool flush) {
    auto settings = options(folder_ / "original");
    settings.flush_on_close = flush;
    auto opened = open_rocksdb_event_store(settings);
    require(opened.has_value(), "a log opens");
    while ((*opened)->head().value() < head) {
      clock_.advance(1000);
      static_cast<void>(append_and_wait(**opened, random.append((*opened)->head().value())));
    }
  }

  void make_log(std::uint64_t seed) {
    RandomCommands random(seed, kDataBytesMax);
    append_until(kEventsInTables, random, true);
    append_until(kEventsInAll, random, false);
    copy("sound");
  }

  // A fresh copy of the original.
  std::string copy(const std::string& name) {
    const std::string to = folder_ / name;
    fs::remove_all(to);
    fs::copy(folder_ / "original", to);
    return to;
  }

  Result<Content> read(const std::string& folder) {
    FACTUM_TRY(const auto store, open_rocksdb_event_store(options(folder)));
    opened_ = true;
    Content content;
    FACTUM_CHECK(read_events(*store, content));
    FACTUM_CHECK(read_state(*store, content));
    return content;
  }

  std::string verdict(const Result<Content>& found, const std::string& name, std::uint64_t at) {
    const bool opened = std::exchange(opened_, false);
    if (!opened) return "opening refused";
    if (!found) return "reading named the damage";
    if (found->events == sound_.events && found->state == sound_.state) return "dead space";
    require(found->root != sound_.root,
            "a flipped bit is noticed: byte " + std::to_string(at) + " of " + name);
    return "the signed checkpoint did not fit";
  }

  TempDir folder_;
  ManualClock clock_;
  std::mt19937_64 random_;
  Content sound_;
  std::vector<std::pair<std::string, std::uint64_t>> places_;
  std::size_t next_ = 0;
  bool opened_ = false;
  Counts counts_;
};

}  // namespace

Counts run_byte_flips(const LoopOptions& options) {
  Sweep sweep(options.seed);
  const std::uint64_t flips = std::min(options.times, sweep.bytes());
  for (std::uint64_t done = 1; done <= flips; ++done) {
    sweep.flip_next();
    if (options.on_step && !options.on_step(done)) break;
  }
  Counts counts = sweep.counts();
  counts["bytes of the log"] = sweep.bytes();
  return counts;
}

}  // namespace factum::test
