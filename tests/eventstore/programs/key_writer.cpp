// Appends events with personal data of ever new subjects until it is killed; prints a line at the
// start and one per acknowledged event:
//   key_writer LOG KEYS SEED
//   <position> <event id>
#include "eventstore/aes_sealer.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/system_sources.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <future>
#include <random>
#include <string>
#include <unistd.h>

using namespace factum;

namespace {

void print_line(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(2);
}

// An event with one slot per subject: new subjects, and subjects with a second kind of data.
Result<NewEvent> sealed_event(Sealer& sealer, IdSource& ids, std::mt19937_64& random) {
  NewEvent event;
  event.record.event_id = ids.next();
  event.record.type = "Sealed";
  event.record.data = "{}";
  event.record.actor = "system";
  FACTUM_TRY(const Uuid subject, sealer.new_subject());
  event.record.tags = {"customer:" + subject.to_string()};
  std::vector<std::pair<std::string, DataClass>> slots = {
      {"customer.personal", DataClass::personal}};
  if (random() % 2 == 0) slots.emplace_back("customer.sensitive", DataClass::sensitive);
  for (const auto& [name, data_class] : slots) {
    const SealContext context{event.record.event_id, event.record.type, event.record.schema, name,
                              data_class};
    FACTUM_TRY(SealedSlot slot, sealer.seal(context, subject, event.record.event_id.to_string()));
    event.record.slots.push_back(std::move(slot.header));
    event.ciphertexts.push_back(std::move(slot.ciphertext));
  }
  return event;
}

Status run(const std::string& log, const std::string& keys, std::uint64_t seed) {
  SystemClock clock;
  UuidV7Source ids(clock);
  EventStoreOptions options;
  options.directory = log;
  options.clock = &clock;
  FACTUM_TRY(const auto store, open_rocksdb_event_store(options));
  print_line("0 start\n");
  KeystoreOptions key_options;
  key_options.directory = keys;
  key_options.seal_id = store->log_id();
  key_options.clock = &clock;
  key_options.create = store->head() == Position{};
  key_options.subjects_ahead = 4;  // keys are made all the time
  FACTUM_TRY(const auto sealer, open_aes_sealer(key_options));
  std::mt19937_64 random(seed);
  while (true) {
    FACTUM_TRY(NewEvent event, sealed_event(*sealer, ids, random));
    const std::string id = event.record.event_id.to_string();
    AppendRequest request;
    request.events.push_back(std::move(event));
    std::promise<Result<AppendResult>> done;
    store->append(std::move(request),
                  [&](Result<AppendResult> result) { done.set_value(std::move(result)); });
    FACTUM_TRY(const AppendResult appended, done.get_future().get());
    print_line(std::to_string(appended.first.value()) + " " + id + "\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 1;
  std::uint64_t seed = 0;
  std::from_chars(argv[3], argv[3] + std::strlen(argv[3]), seed);
  const Status ran = run(argv[1], argv[2], seed);
  std::fprintf(stderr, "key_writer: %s\n", ran ? "ended" : ran.error().message.c_str());
  return 1;
}
