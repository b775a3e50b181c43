// Bases that make commands about one entity terse: target, model, version; and states that only
// know whether an entity is there.
//
//   struct ArchiveCustomer : CommandOn<Customer> {
//     static constexpr std::string_view kName = "ArchiveCustomer", kDoc = "…";
//     std::optional<std::string> reason;
//     static void describe(FieldVisitor&, ArchiveCustomer&);
//     Result<Decision> decide(const Model&, const DecisionContext&) const;
//   };
//
// A command that looks at more than its target declares a Model of its own with a member `self`,
// and its own load.
#pragma once

#include "core/es/decision.hpp"

#include <array>
#include <string_view>

namespace factum {

namespace detail {
template <class S>
constexpr bool is_subject() {
  if constexpr (requires { S::kIsSubject; }) {
    return S::kIsSubject;
  } else {
    return false;
  }
}
}  // namespace detail

/// A command about an existing entity with state `S`. Whether the target is there is checked before
/// `decide` runs (not_found).
template <class S>
struct CommandOn {
  static constexpr std::string_view kTarget = S::Id::kind();
  static constexpr bool kTargetIsSubject = detail::is_subject<S>();
  static constexpr bool kCreates = false;
  /// False: an import may bring the fact before, or without, what it is about.
  static constexpr bool kImportNeedsTarget = true;
  /// True: each time it is said something more is there: a payment, a note, a tag. What an import
  /// corrects then names the event that was recorded first (DecisionContext::corrects).
  static constexpr bool kAddsUp = false;
  /// The fields of the body that an import may say again otherwise, and "occurred_at" if the time
  /// may change. Of creations and of what adds up, others reject the fact when they change; of
  /// other commands too if there are any here, else all that the body says counts.
  static constexpr std::array<std::string_view, 0> kCorrects{};

  struct Model {
    Folded<S> self;
  };

  typename S::Id id;  ///< the target

  Uuid& target() { return id.uuid; }
  Result<Model> load(ModelReader& reader) const {
    FACTUM_TRY(auto self, reader.fold<S>(id));
    return Model{std::move(self)};
  }
  template <class M>
  static Position version(const M& model) {
    return model.self.version;
  }
};

/// A command that makes a new entity with state `S`. A target that exists already is refused
/// (already_exists) except in an import, where `decide` yields the differences: fields that the
/// source has not changed are absent then, and an empty text takes a value away.
template <class S>
struct CreationOf : CommandOn<S> {
  static constexpr bool kCreates = true;
};

/// Whether an entity is there, known by the event that makes it; for references.
template <class EntityIdType, class Created>
struct Known {
  using Id = EntityIdType;
  using Events = TypeList<Created>;
  void evolve(const Created& /*event*/, const EventInfo& /*info*/) {}
};

}  // namespace factum
