#include "tests/support/store_helpers.hpp"

#include "eventstore/hash.hpp"

#include <algorithm>
#include <atomic>
#include <future>

namespace factum::test {

Uuid test_id(std::uint64_t number) {
  std::array<std::uint8_t, 10> random{};
  for (std::size_t i = 0; i < 8; ++i)
    random[2 + i] = static_cast<std::uint8_t>((number >> (8 * (7 - i))) & 0xFF);
  return make_uuid_v7(1'700'000'000'000, random);
}

NewEvent test_event(std::string type, std::vector<std::string> tags, std::string data) {
  static std::atomic<std::uint64_t> number{0};
  NewEvent event;
  event.record.event_id = test_id(++number);
  event.record.type = std::move(type);
  std::sort(tags.begin(), tags.end());
  event.record.tags = std::move(tags);
  event.record.data = std::move(data);
  event.record.actor = "user:1";
  event.record.correlation_id = event.record.event_id;
  return event;
}

void add_slot(NewEvent& event, std::string name, std::string ciphertext) {
  SlotHeader header;
  header.name = std::move(name);
  header.key_id = test_id(7);
  header.ciphertext_hash = sha256(ciphertext);
  header.padded_bytes = static_cast<std::uint32_t>(ciphertext.size());
  event.record.slots.push_back(std::move(header));
  event.ciphertexts.push_back(std::move(ciphertext));
}

AppendRequest request_of(std::vector<NewEvent> events) {
  AppendRequest request;
  request.events = std::move(events);
  return request;
}

Result<AppendResult> append_and_wait(EventStore& store, AppendRequest request) {
  // Shared, because the answering thread may still be inside set_value when this one goes on.
  const auto answer = std::make_shared<std::promise<Result<AppendResult>>>();
  auto future = answer->get_future();
  store.append(std::move(request),
               [answer](Result<AppendResult> result) { answer->set_value(std::move(result)); });
  return future.get();
}

Query query_of(std::vector<std::string> types, std::vector<std::string> tags) {
  return Query{{QueryItem{std::move(types), std::move(tags)}}};
}

std::string show_positions(const std::vector<RecordedEvent>& events) {
  std::string text;
  for (const RecordedEvent& event : events) {
    if (!text.empty()) text += ' ';
    text += std::to_string(event.position.value());
  }
  return text;
}

std::string read_positions(const EventStore& store, const Query& query,
                           const ReadOptions& options) {
  const auto events = store.read(query, options);
  return events ? show_positions(*events) : std::string(to_string(events.error().code));
}

}  // namespace factum::test
