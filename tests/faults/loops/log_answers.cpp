#include "tests/faults/loops/log_answers.hpp"

#include "core/base/hex.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "tests/faults/loops/expected_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/random_commands.hpp"
#include "tests/support/store_helpers.hpp"

#include <cstdio>
#include <filesystem>
#include <sstream>

namespace factum::test {
namespace {

// A reader takes a thirtieth of a second of a processor, but sweeps run beside other work, behind
// all of it; a hang ends the sweep, so that the wait for it comes once.
constexpr std::chrono::seconds kReaderSeconds{120};
constexpr const char* kRead = "read";
constexpr const char* kRefusedOpening = "opening-refused";
constexpr const char* kRefusedReading = "reading-refused";

Result<Digest> stored_root(const EventStore& store) {
  const ReadRow read = [&](std::uint8_t row, std::uint64_t first, std::size_t count) {
    return store.tree_row(row, first, count);
  };
  return tree_root(read, store.head().value());
}

Status read_events(const EventStore& store, LogAnswers& answers) {
  ReadOptions everything;
  everything.limit = SIZE_MAX;
  FACTUM_TRY(const auto events, store.read({}, everything));
  TreeEdge edge;
  std::string text;
  for (const RecordedEvent& event : events) {
    const std::string entry = tree_entry(event.position, event.recorded_at, event.event_hash);
    edge.add(leaf_hash(entry), [](const TreeNode&, const std::vector<Digest>&) {});
    text += entry;
    encode_record(event.record, text);
    for (const auto& ciphertext : event.ciphertexts) text += ciphertext.value_or("gone");
  }
  answers.events = to_hex(view(sha256(text)));
  answers.root = to_hex(view(edge.root()));
  return {};
}

Status read_state(const EventStore& store, LogAnswers& answers) {
  std::string text;
  for (std::uint64_t i = 0; i < RandomCommands::kClaimKeys; ++i) {
    FACTUM_TRY(const auto claim,
               store.find_claim(RandomCommands::kSpace, RandomCommands::digest_of(i)));
    if (claim)
      text += claim->holder + claim->payload + std::to_string(claim->position.value()) + '\n';
  }
  for (std::uint64_t i = 0; i < RandomCommands::kIdempotencyKeys; ++i) {
    FACTUM_TRY(const auto outcome, store.find_outcome(RandomCommands::digest_of(i)));
    if (outcome)
      text += outcome->outcome + std::to_string(outcome->first.value()) + '-' +
              std::to_string(outcome->last.value()) + '\n' + std::string(view(outcome->request));
  }
  ReadOptions bare;
  bare.limit = SIZE_MAX;
  bare.with_slots = false;
  for (const std::string& tag : RandomCommands::all_tags()) {
    FACTUM_TRY(const auto events, store.read(query_of({}, {tag}), bare));
    text += tag + ": " + show_positions(events) + '\n';
  }
  FACTUM_TRY(const Digest root, stored_root(store));
  text += std::string(view(root)) + store.log_id().to_string();
  answers.state = to_hex(view(sha256(text)));
  return {};
}

Result<LogAnswers> read_answers(const EventStore& store) {
  LogAnswers answers;
  FACTUM_CHECK(read_events(store, answers));
  FACTUM_CHECK(read_state(store, answers));
  return answers;
}

// At once, and not when the program ends: it may die while the log closes.
void tell(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::string why_died(const ChildProgram::End& end) {
  const std::size_t assertion = end.output.find("Assertion `");
  if (assertion == std::string::npos) return "signal " + std::to_string(end.signal);
  return end.output.substr(assertion, end.output.find('\n', assertion) - assertion);
}

std::string path_of_reader() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "flip_reader";
}

}  // namespace

int answer_for_log(const std::string& folder) {
  ManualClock clock;
  EventStoreOptions options;
  options.directory = folder;
  options.clock = &clock;
  options.block_cache_bytes = std::size_t{1} << 20;
  options.flush_on_close = false;
  const auto store = open_rocksdb_event_store(options);
  if (!store) {
    tell(kRefusedOpening);
    return 0;
  }
  const auto answers = read_answers(**store);
  tell(answers
           ? std::string(kRead) + ' ' + answers->events + ' ' + answers->state + ' ' + answers->root
           : kRefusedReading);
  return 0;
}

LogReader::LogReader(const std::string& folder) : program_({path_of_reader(), folder}) {}

ReaderEnd LogReader::wait() {
  const ChildProgram::End ended = program_.wait(kReaderSeconds);
  ReaderEnd end;
  std::istringstream words(ended.output);
  std::string word;
  words >> word;
  if (word == kRead) words >> end.answers.events >> end.answers.state >> end.answers.root;
  if (!ended.in_time) {
    end.kind = ReaderEnd::Kind::hung;
  } else if (ended.signal != 0) {
    end.kind = ReaderEnd::Kind::died;
    end.why = why_died(ended);
  } else if (word == kRefusedOpening) {
    end.kind = ReaderEnd::Kind::refused_opening;
  } else if (word == kRefusedReading) {
    end.kind = ReaderEnd::Kind::refused_reading;
  } else if (ended.exit_code != 0 || end.answers.root.empty()) {
    throw Violation("a reader of the log ended with code " + std::to_string(ended.exit_code) +
                    ": " + ended.output);
  }
  return end;
}

}  // namespace factum::test
