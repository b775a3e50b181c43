// A sealer for tests whose seals are readable: it hides nothing and remembers who was erased.
#pragma once

#include "core/es/sealer.hpp"

#include <mutex>
#include <set>
#include <string>

namespace factum::test {

/// Thread rule: safe for any thread, as the port asks.
class PlainSealer final : public Sealer {
 public:
  Result<Uuid> new_subject() override;
  Status ensure_keys(const std::vector<Uuid>& subjects, DataClass data_class) override;
  /// The ciphertext is "sealed for <subject> in <slot>: <plaintext>".
  Result<SealedSlot> seal(const SealContext& context, const Uuid& subject,
                          std::string_view plaintext) override;
  Result<std::string> open(const SealContext& context, const SlotHeader& header,
                           std::string_view ciphertext) override;
  Digest digest(std::string_view purpose, std::string_view value) override;
  std::vector<Uuid> close_subjects(const std::vector<Uuid>& subjects) override;
  void reopen_subjects(const std::vector<Uuid>& subjects) override;
  Result<KeyDestruction> destroy_subjects(const std::vector<Uuid>& subjects) override;
  std::vector<Uuid> living_subjects(const std::vector<Uuid>& keys) const override;
  std::vector<Uuid> destroyed_subjects(const std::vector<Uuid>& keys) const override;

  /// From now on nothing opens or is sealed for this subject.
  void erase(const Uuid& subject);

 private:
  bool is_erased(const Uuid& subject) const;

  mutable std::mutex mutex_;
  std::set<Uuid> erased_;       // guarded by mutex_
  std::set<Uuid> closed_;       // guarded by mutex_
  std::uint64_t subjects_ = 0;  // guarded by mutex_
};

/// Another sealer, which is kept elsewhere: it remembers across restarts of a program.
class BorrowedSealer final : public Sealer {
 public:
  /// `inner` outlives it.
  explicit BorrowedSealer(Sealer& inner) : inner_(inner) {}
  Result<Uuid> new_subject() override { return inner_.new_subject(); }
  Status ensure_keys(const std::vector<Uuid>& subjects, DataClass data_class) override {
    return inner_.ensure_keys(subjects, data_class);
  }
  Result<SealedSlot> seal(const SealContext& context, const Uuid& subject,
                          std::string_view plaintext) override {
    return inner_.seal(context, subject, plaintext);
  }
  Result<std::string> open(const SealContext& context, const SlotHeader& header,
                           std::string_view ciphertext) override {
    return inner_.open(context, header, ciphertext);
  }
  Digest digest(std::string_view purpose, std::string_view value) override {
    return inner_.digest(purpose, value);
  }
  std::vector<Uuid> close_subjects(const std::vector<Uuid>& subjects) override {
    return inner_.close_subjects(subjects);
  }
  void reopen_subjects(const std::vector<Uuid>& subjects) override {
    inner_.reopen_subjects(subjects);
  }
  Result<KeyDestruction> destroy_subjects(const std::vector<Uuid>& subjects) override {
    return inner_.destroy_subjects(subjects);
  }
  std::vector<Uuid> living_subjects(const std::vector<Uuid>& keys) const override {
    return inner_.living_subjects(keys);
  }
  std::vector<Uuid> destroyed_subjects(const std::vector<Uuid>& keys) const override {
    return inner_.destroyed_subjects(keys);
  }

 private:
  Sealer& inner_;
};

}  // namespace factum::test
