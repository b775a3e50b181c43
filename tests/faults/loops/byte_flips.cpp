#include "tests/faults/loops/byte_flips.hpp"

#include "eventstore/rocksdb_database.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/faults/loops/log_answers.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/random_commands.hpp"
#include "tests/support/rocksdb_repeatable_env.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>

namespace factum::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kEventsInTables = 300;
constexpr std::uint64_t kEventsInAll = 340;
constexpr std::uint64_t kDataBytesMax = 60;
// Readers at work at the same time; while one reads, the folder of the next is made.
constexpr std::uint64_t kReaders = 2;
constexpr const char* kWithoutContent = "files without content (LOG, OPTIONS, IDENTITY, locks)";

std::string kind_of(const std::string& name) {
  if (name.ends_with(".log")) return "write-ahead log";
  if (name.ends_with(".sst")) return "tables";
  if (name.starts_with("MANIFEST")) return "MANIFEST";
  if (name == "CURRENT") return "CURRENT";
  return kWithoutContent;
}

// Fills folders with the log of a seed: the same in every run, but for what make_repeatable_env
// says.
class LogMaker {
 public:
  explicit LogMaker(std::uint64_t seed) : random_(seed, kDataBytesMax) {}

  void make(const std::string& folder) {
    const LogIdentity identity{test_id(1), test_id(1), Position(0)};
    require(Database::make(options(folder), identity).has_value(), "a log is made");
    append_until(kEventsInTables, folder, true);
    append_until(kEventsInAll, folder, false);
  }

 private:
  EventStoreOptions options(const std::string& folder) {
    EventStoreOptions options;
    options.directory = folder;
    options.clock = &clock_;
    options.faults.env = env_.get();
    return options;
  }

  void append_until(std::uint64_t head, const std::string& folder, bool flush) {
    auto settings = options(folder);
    settings.flush_on_close = flush;
    const auto store = open_rocksdb_event_store(settings);
    require(store.has_value(), "a log opens");
    while ((*store)->head().value() < head) {
      clock_.advance(1000);
      static_cast<void>(append_and_wait(**store, next_append((*store)->head().value())));
    }
  }

  // With ids of its own: those of test_event go on counting where other tests stopped.
  AppendRequest next_append(std::uint64_t head) {
    AppendRequest request = random_.append(head);
    for (NewEvent& event : request.events)
      event.record.event_id = event.record.correlation_id = test_id(++ids_);
    return request;
  }

  const std::shared_ptr<rocksdb::Env> env_ = make_repeatable_env();
  ManualClock clock_;
  RandomCommands random_;
  std::uint64_t ids_ = 1;
};

class Sweep {
 public:
  explicit Sweep(std::uint64_t seed) : order_(seed), bits_(~seed) {
    LogMaker(seed).make(original());
    const ReaderEnd sound = LogReader(copy("sound")).wait();
    require(sound.kind == ReaderEnd::Kind::read, "the log can be read before anything is flipped");
    sound_ = sound.answers;
    // Files without content come last and are shuffled last: the sizes of some depend on the time.
    add_places(true);
    counts_["bytes of files with content"] = places_.size();
    add_places(false);
    counts_["bytes of the others"] = places_.size() - counts_["bytes of files with content"];
  }

  std::uint64_t bytes() const { return places_.size(); }

  /// Makes the `number`-th flip, from 0 on in turn, and starts the reader.
  void start(std::uint64_t number) {
    Flip& flip = flips_[number % kReaders];
    flip.place = places_[number];
    flip.bit = static_cast<int>(bits_() % 8);
    const std::string folder = copy("flipped-" + std::to_string(number % kReaders));
    std::fstream file(folder + '/' + flip.place.file,
                      std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(flip.place.byte);
    const char byte = static_cast<char>(file.get() ^ (1 << flip.bit));
    file.seekp(flip.place.byte);
    file.put(byte);
    file.close();
    require(!file.fail(), "a bit can be flipped");
    flip.reader.emplace(folder);
  }

  /// Waits for the reader of the `number`-th flip.
  void judge(std::uint64_t number) {
    Flip& flip = flips_[number % kReaders];
    const ReaderEnd end = flip.reader->wait();
    flip.reader.reset();
    const std::string kind = kind_of(flip.place.file);
    ++counts_[kind + ": " + verdict(end, flip)];
    ++counts_[kind + ": flips"];
  }

  const Counts& counts() const { return counts_; }

 private:
  struct Place {
    std::string file;
    std::streamoff byte = 0;
  };
  struct Flip {
    Place place;
    int bit = 0;
    std::optional<LogReader> reader;
  };

  std::string original() const { return folder_ / "original"; }

  // A fresh copy of the original.
  std::string copy(const std::string& name) const {
    const std::string to = folder_ / name;
    fs::remove_all(to);
    fs::copy(original(), to);
    return to;
  }

  void add_places(bool with_content) {
    std::map<std::string, std::uintmax_t> sizes;
    for (const auto& file : fs::directory_iterator(original())) {
      const std::string name = file.path().filename();
      if ((kind_of(name) != kWithoutContent) == with_content) sizes[name] = file.file_size();
    }
    const auto first = static_cast<std::ptrdiff_t>(places_.size());
    for (const auto& [name, size] : sizes) {
      for (std::uintmax_t byte = 0; byte < size; ++byte)
        places_.push_back({name, static_cast<std::streamoff>(byte)});
    }
    std::shuffle(places_.begin() + first, places_.end(), order_);
  }

  std::string verdict(const ReaderEnd& end, const Flip& flip) const {
    const std::string where = ": bit " + std::to_string(flip.bit) + " of byte " +
                              std::to_string(flip.place.byte) + " of " + flip.place.file;
    require(end.kind != ReaderEnd::Kind::hung, "a reader of a damaged log comes to an end" + where);
    const bool read = !end.answers.root.empty();
    const bool wrong = read && end.answers != sound_;
    require(!wrong || end.answers.root != sound_.root, "a flipped bit is noticed" + where);
    if (end.kind == ReaderEnd::Kind::died) return "the program ended (" + end.why + ")";
    if (end.kind == ReaderEnd::Kind::refused_opening) return "opening refused";
    if (end.kind == ReaderEnd::Kind::refused_reading) return "reading named the damage";
    return wrong ? "the signed checkpoint did not fit" : "dead space";
  }

  TempDir folder_;
  std::mt19937_64 order_;
  std::mt19937_64 bits_;
  LogAnswers sound_;
  std::vector<Place> places_;
  std::array<Flip, kReaders> flips_;
  Counts counts_;
};

}  // namespace

Counts run_byte_flips(const LoopOptions& options) {
  Sweep sweep(options.seed);
  const std::uint64_t flips = std::min(options.times, sweep.bytes());
  for (std::uint64_t next = 0; next < flips + kReaders; ++next) {
    if (next >= kReaders) {
      const std::uint64_t done = next - kReaders + 1;
      sweep.judge(done - 1);
      if (options.on_step && !options.on_step(done, flips)) break;
    }
    if (next < flips) sweep.start(next);
  }
  return sweep.counts();
}

}  // namespace factum::test
