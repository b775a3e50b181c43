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

  /// From now on nothing opens or is sealed for this subject.
  void erase(const Uuid& subject);

 private:
  bool is_erased(const Uuid& subject) const;

  mutable std::mutex mutex_;
  std::set<Uuid> erased_;       // guarded by mutex_
  std::uint64_t subjects_ = 0;  // guarded by mutex_
};

}  // namespace factum::test
