#include "tests/support/plain_sealer.hpp"

#include "eventstore/hash.hpp"
#include "tests/support/store_helpers.hpp"

namespace factum::test {
namespace {

constexpr std::uint64_t kFirstSubject = 1'000'000;

std::string prefix_of(std::string_view slot, const Uuid& subject) {
  return "sealed for " + subject.to_string() + " in " + std::string(slot) + ": ";
}

}  // namespace

Result<Uuid> PlainSealer::new_subject() {
  const std::lock_guard lock(mutex_);
  return test_id(kFirstSubject + ++subjects_);
}

Status PlainSealer::ensure_keys(const std::vector<Uuid>& /*subjects*/, DataClass /*data_class*/) {
  return {};
}

Result<SealedSlot> PlainSealer::seal(const SealContext& context, const Uuid& subject,
                                     std::string_view plaintext) {
  if (is_erased(subject)) return fail(ErrorCode::erased, "the subject was erased");
  SealedSlot sealed;
  sealed.ciphertext = prefix_of(context.slot, subject) + std::string(plaintext);
  sealed.header = {std::string(context.slot), subject, 1, sha256(sealed.ciphertext),
                   static_cast<std::uint32_t>(sealed.ciphertext.size())};
  return sealed;
}

Result<std::string> PlainSealer::open(const SealContext& context, const SlotHeader& header,
                                      std::string_view ciphertext) {
  if (is_erased(header.key_id)) return fail(ErrorCode::erased, "the subject was erased");
  const std::string prefix = prefix_of(context.slot, header.key_id);
  if (!ciphertext.starts_with(prefix)) return fail(ErrorCode::corrupt, "this seal is not ours");
  return std::string(ciphertext.substr(prefix.size()));
}

Digest PlainSealer::digest(std::string_view purpose, std::string_view value) {
  return sha256({purpose, std::string_view("\0", 1), value});
}

void PlainSealer::erase(const Uuid& subject) {
  const std::lock_guard lock(mutex_);
  erased_.insert(subject);
}

// The id of a key is that of its subject.
std::vector<Uuid> PlainSealer::close_subjects(const std::vector<Uuid>& subjects) {
  const std::lock_guard lock(mutex_);
  closed_.insert(subjects.begin(), subjects.end());
  return subjects;
}

void PlainSealer::reopen_subjects(const std::vector<Uuid>& subjects) {
  const std::lock_guard lock(mutex_);
  for (const Uuid& subject : subjects) closed_.erase(subject);
}

Result<KeyDestruction> PlainSealer::destroy_subjects(const std::vector<Uuid>& subjects) {
  const std::lock_guard lock(mutex_);
  KeyDestruction done{
      .keys = 0, .epoch_before = test_id(1), .epoch_after = test_id(2), .places = "memory"};
  for (const Uuid& subject : subjects) {
    if (erased_.insert(subject).second) ++done.keys;
  }
  return done;
}

std::vector<Uuid> PlainSealer::living_subjects(const std::vector<Uuid>& keys) const {
  const std::lock_guard lock(mutex_);
  std::vector<Uuid> living;
  for (const Uuid& key : keys) {
    if (!erased_.contains(key)) living.push_back(key);
  }
  return living;
}

std::vector<Uuid> PlainSealer::destroyed_subjects(const std::vector<Uuid>& keys) const {
  const std::lock_guard lock(mutex_);
  std::set<Uuid> destroyed = erased_;
  for (const Uuid& key : keys) destroyed.erase(key);
  return {destroyed.begin(), destroyed.end()};
}

bool PlainSealer::is_erased(const Uuid& subject) const {
  const std::lock_guard lock(mutex_);
  return erased_.contains(subject) || closed_.contains(subject);
}

}  // namespace factum::test
