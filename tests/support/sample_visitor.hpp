// Fills described structs with values: the same full ones each time, none at all, or random ones.
#pragma once

#include "core/es/event_type.hpp"
#include "core/es/field_visitor.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace factum::test {

/// What a SampleVisitor puts into optional fields, texts and numbers.
enum class Samples {
  full,    ///< every field, with values that depend on the fields alone: for golden files
  valid,   ///< the same, but texts that have a form keep to it, as requests must
  sparse,  ///< nothing that may be left out
  random,  ///< anything that keeps the limits, by a seed
};

/// Behaves like a reader: gives every visited value.
class SampleVisitor : public FieldVisitor {
 public:
  /// `ids`: how many different random ids there are.
  explicit SampleVisitor(Samples samples, std::uint64_t seed = 0, std::uint64_t ids = 1000)
      : samples_(samples), random_(seed), ids_max_(ids) {}

  Visit begin_field(const Field& field, bool optional, bool present) override;
  Visit begin_sealed(const Field& field, SealState& state, const Uuid& subject) override;
  void end_field() override {}
  void text(std::string& value, const Limits& limits) override;
  void integer(std::int64_t& value, const Limits& limits) override;
  void number(double& value) override;
  void boolean(bool& value) override;
  void uuid(Uuid& value, std::string_view kind) override;
  void timestamp(Timestamp& value) override;
  void date(Date& value) override;
  void money(Money& value) override;
  void wide_integer(Int128& value) override;
  void symbol(std::size_t& index, std::span<const std::string_view> names) override;
  void sealed_ref(SealedRef& value) override;
  void begin_object() override {}
  void end_object() override {}
  std::size_t begin_list(std::size_t size, const Limits& limits) override;
  void next_element(std::size_t index) override;
  void end_list() override {}
  std::vector<std::string> begin_map(std::vector<std::string> keys, const Limits& limits) override;
  void next_key(const std::string& key) override;
  void end_map() override {}

 private:
  bool is_random() const { return samples_ == Samples::random; }
  /// A number in [0, `count`).
  std::uint64_t pick(std::uint64_t count) { return random_() % count; }
  std::string random_text(const Limits& limits);
  std::int64_t random_integer(const Limits& limits);

  Samples samples_;
  std::mt19937_64 random_;
  std::string_view field_;
  std::uint64_t ids_max_;
  std::uint64_t ids_ = 0;
};

/// A described value filled with samples.
template <class T>
T sample(Samples samples, std::uint64_t seed = 0) {
  T described{};
  SampleVisitor visitor(samples, seed);
  visitor.value(described);
  return described;
}

/// An event of a registered type filled with samples.
EventBox sample_event(const EventType& type, Samples samples, std::uint64_t seed = 0);

}  // namespace factum::test
