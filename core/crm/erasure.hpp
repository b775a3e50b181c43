// Erasing people, and holding what must not be erased: state, commands and rules.
//
// An erasure is asked for, approved or refused; what is approved is carried out by the program,
// step by step (api/erasure_job.hpp), and each step is an event: fence, destroy, certify. The order
// matters: see docs/decisions/0014.
#pragma once

#include "core/crm/erasure_events.hpp"
#include "core/crm/known.hpp"
#include "core/es/entity_command.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// An erasure as its events leave it.
struct Erasure {
  using Id = ErasureId;
  using Events = TypeList<ErasureRequested, ErasureApproved, ErasureRefused, ErasureStarted,
                          SubjectKeyDestroyed, ErasureCertified>;

  ErasureId id;
  SubjectList subjects;
  ErasureGround ground{};
  ErasureStatus status = ErasureStatus::requested;
  std::string requested_by;
  std::optional<ErasureRefusalGround> refused_for;
  std::optional<Position> fence;
  std::optional<Timestamp> inaccessible_since;
  std::optional<Timestamp> irrecoverable_since;
  std::optional<KeyEpochId> epoch_before;
  std::optional<KeyEpochId> epoch_after;
  std::string places;
  std::optional<ErasureCertified> certificate;
  std::vector<DataKeyId> keys;

  void evolve(const ErasureRequested& e, const EventInfo& info);
  void evolve(const ErasureApproved& e, const EventInfo& info);
  void evolve(const ErasureRefused& e, const EventInfo& info);
  void evolve(const ErasureStarted& e, const EventInfo& info);
  void evolve(const SubjectKeyDestroyed& e, const EventInfo& info);
  void evolve(const ErasureCertified& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Erasure& e);
};

/// A legal hold as its events leave it.
struct LegalHold {
  using Id = LegalHoldId;
  using Events = TypeList<LegalHoldPlaced, LegalHoldLifted>;

  LegalHoldId id;
  SubjectList subjects;
  std::string matter;
  std::optional<Date> review_on;
  bool lifted = false;

  void evolve(const LegalHoldPlaced& e, const EventInfo& info);
  void evolve(const LegalHoldLifted& e, const EventInfo& info);
  static void describe(FieldVisitor& v, LegalHold& h);
};

/// What stands for or against erasing one subject: holds, and that it is erased already.
template <class SubjectId>
struct SubjectStanding {
  using Id = SubjectId;
  using Events = TypeList<LegalHoldPlaced, LegalHoldLifted, ErasureStarted>;

  std::vector<LegalHoldId> holds;
  std::optional<ErasureId> erased_by;

  void evolve(const LegalHoldPlaced& e, const EventInfo& /*info*/) { holds.push_back(e.hold); }
  void evolve(const LegalHoldLifted& e, const EventInfo& /*info*/) { std::erase(holds, e.hold); }
  void evolve(const ErasureStarted& e, const EventInfo& /*info*/) { erased_by = e.erasure; }
};

/// What a command about several subjects knows of them, all together.
struct SubjectsStanding {
  bool all_known = true;
  bool held = false;
  bool erased = false;  ///< one of them, by another erasure
};

struct ErasureModel {
  Folded<Erasure> self;
  SubjectsStanding subjects;
};

struct RequestErasure : CreationOf<Erasure> {
  static constexpr std::string_view kName = "RequestErasure";
  static constexpr std::string_view kDoc = "Asks for the erasure of people";
  using Model = ErasureModel;

  SubjectList subjects;
  ErasureGround ground{};

  static void describe(FieldVisitor& v, RequestErasure& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ApproveErasure : CommandOn<Erasure> {
  static constexpr std::string_view kName = "ApproveErasure";
  static constexpr std::string_view kDoc =
      "Approves an erasure, which begins at once; of several people by another user than asked";
  using Model = ErasureModel;

  static void describe(FieldVisitor& v, ApproveErasure& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RefuseErasure : CommandOn<Erasure> {
  static constexpr std::string_view kName = "RefuseErasure";
  static constexpr std::string_view kDoc = "Refuses an erasure that has not begun";

  ErasureRefusalGround ground{};

  static void describe(FieldVisitor& v, RefuseErasure& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

/// A step of the program: from here on nothing is recorded under these keys.
struct StartErasure : CommandOn<Erasure> {
  static constexpr std::string_view kName = "StartErasure";
  static constexpr std::string_view kDoc = "Fences the subjects of an approved erasure";
  using Model = ErasureModel;

  std::vector<DataKeyId> keys;

  static void describe(FieldVisitor& v, StartErasure& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

/// A step of the program: their keys are destroyed.
struct RecordKeyDestruction : CommandOn<Erasure> {
  static constexpr std::string_view kName = "RecordKeyDestruction";
  static constexpr std::string_view kDoc = "Records that the keys of an erasure are destroyed";

  KeyEpochId epoch_before;
  KeyEpochId epoch_after;
  std::string places;

  static void describe(FieldVisitor& v, RecordKeyDestruction& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

/// A step of the program: nothing is left.
struct CertifyErasure : CommandOn<Erasure> {
  static constexpr std::string_view kName = "CertifyErasure";
  static constexpr std::string_view kDoc = "Certifies an erasure";

  std::int64_t keys = 0;
  std::int64_t ciphertexts = 0;
  std::vector<std::string> views;

  static void describe(FieldVisitor& v, CertifyErasure& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct HoldModel {
  Folded<LegalHold> self;
  SubjectsStanding subjects;
};

struct PlaceLegalHold : CreationOf<LegalHold> {
  static constexpr std::string_view kName = "PlaceLegalHold";
  static constexpr std::string_view kDoc = "Keeps data of people from being erased";
  using Model = HoldModel;

  SubjectList subjects;
  std::string matter;
  std::optional<Date> review_on;

  static void describe(FieldVisitor& v, PlaceLegalHold& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct LiftLegalHold : CommandOn<LegalHold> {
  static constexpr std::string_view kName = "LiftLegalHold";
  static constexpr std::string_view kDoc = "Ends a legal hold";

  static void describe(FieldVisitor& v, LiftLegalHold& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kErasureSubjects{"erasure.subjects",
                                       "name 1 to 24 customers, contacts or users"};
inline constexpr Rule kErasureUnknown{"erasure.unknown_subject",
                                      "one of the subjects does not exist"};
inline constexpr Rule kErasureErased{"erasure.erased", "one of the subjects is erased already"};
inline constexpr Rule kErasureHeld{
    "erasure.held", "a legal hold stands on one of the subjects; it has to be lifted first"};
inline constexpr Rule kErasureTwoPersons{
    "erasure.two_persons", "the erasure of several people is approved by somebody else"};
inline constexpr Rule kErasureStatus{"erasure.status", "the erasure is not where this can be done"};
}  // namespace rules

/// What callers may ask for; the other commands of this file are steps of the program.
using ErasureCommands =
    TypeList<RequestErasure, ApproveErasure, RefuseErasure, PlaceLegalHold, LiftLegalHold>;
using ErasureSteps = TypeList<StartErasure, RecordKeyDestruction, CertifyErasure>;
using ErasureEntities = TypeList<Erasure, LegalHold>;

}  // namespace factum::crm
