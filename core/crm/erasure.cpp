#include "core/crm/erasure.hpp"

namespace factum::crm {
namespace {

template <class Known, class SubjectId>
Status look_at(ModelReader& reader, const std::vector<SubjectId>& ids, const ErasureId& own,
               SubjectsStanding& standing) {
  for (const SubjectId& id : ids) {
    FACTUM_TRY(const auto known, reader.fold<Known>(id));
    FACTUM_TRY(const auto subject, reader.fold<SubjectStanding<SubjectId>>(id));
    standing.all_known = standing.all_known && known.exists();
    standing.held = standing.held || !subject.state.holds.empty();
    standing.erased =
        standing.erased || (subject.state.erased_by && *subject.state.erased_by != own);
  }
  return {};
}

Result<SubjectsStanding> standing_of(ModelReader& reader, const SubjectList& subjects,
                                     const ErasureId& own) {
  SubjectsStanding standing;
  FACTUM_CHECK(look_at<KnownCustomer>(reader, subjects.customers, own, standing));
  FACTUM_CHECK(look_at<KnownContact>(reader, subjects.contacts, own, standing));
  FACTUM_CHECK(look_at<KnownUser>(reader, subjects.users, own, standing));
  return standing;
}

Result<ErasureModel> load_erasure(ModelReader& reader, const ErasureId& id) {
  ErasureModel model;
  FACTUM_TRY(model.self, reader.fold<Erasure>(id));
  FACTUM_TRY(model.subjects, standing_of(reader, model.self.state.subjects, id));
  return model;
}

bool is_countable(const SubjectList& subjects) {
  return subjects.size() >= 1 && subjects.size() <= SubjectList::kSubjectsMax;
}

Status check_subjects(Decision& decision, const SubjectList& subjects,
                      const SubjectsStanding& standing, const DecisionContext& context) {
  FACTUM_CHECK(decision.require(is_countable(subjects), rules::kErasureSubjects, context));
  FACTUM_CHECK(decision.require(standing.all_known, rules::kErasureUnknown, context));
  return decision.require(!standing.erased, rules::kErasureErased, context);
}

Status check_standing(Decision& decision, const SubjectsStanding& subjects,
                      const DecisionContext& context) {
  FACTUM_CHECK(decision.require(!subjects.erased, rules::kErasureErased, context));
  return decision.require(!subjects.held, rules::kErasureHeld, context);
}

template <class Id>
void add_ids(const std::vector<Id>& ids, std::vector<Uuid>& all) {
  for (const Id& id : ids) all.push_back(id.uuid);
}
template <class Id>
void add_tags(const std::vector<Id>& ids, std::vector<std::string>& all) {
  for (const Id& id : ids) all.push_back(id.tag());
}

}  // namespace

std::vector<Uuid> SubjectList::ids() const {
  std::vector<Uuid> all;
  add_ids(customers, all);
  add_ids(contacts, all);
  add_ids(users, all);
  return all;
}

std::vector<std::string> SubjectList::tags() const {
  std::vector<std::string> all;
  add_tags(customers, all);
  add_tags(contacts, all);
  add_tags(users, all);
  return all;
}

// ---- state --------------------------------------------------------------------------------------

void Erasure::evolve(const ErasureRequested& e, const EventInfo& info) {
  id = e.erasure;
  subjects = subjects_of(e);
  ground = e.ground;
  requested_by = info.actor;
}

void Erasure::evolve(const ErasureApproved& /*e*/, const EventInfo& /*info*/) {
  status = ErasureStatus::approved;
}

void Erasure::evolve(const ErasureRefused& e, const EventInfo& /*info*/) {
  status = ErasureStatus::refused;
  refused_for = e.ground;
}

void Erasure::evolve(const ErasureStarted& e, const EventInfo& info) {
  status = ErasureStatus::started;
  fence = info.position;
  inaccessible_since = info.recorded_at;
  keys = e.keys;
}

void Erasure::evolve(const SubjectKeyDestroyed& e, const EventInfo& info) {
  status = ErasureStatus::destroyed;
  irrecoverable_since = info.recorded_at;
  epoch_before = e.epoch_before;
  epoch_after = e.epoch_after;
  places = e.places;
}

void Erasure::evolve(const ErasureCertified& e, const EventInfo& /*info*/) {
  status = ErasureStatus::certified;
  certificate = e;
}

void Erasure::describe(FieldVisitor& v, Erasure& e) {
  v.shown("id", e.id, "The erasure");
  v.shown("status", e.status, "How far it is");
  v.shown("subjects", e.subjects, "Who is erased");
  v.shown("ground", e.ground, "Why");
  v.shown("requested_by", e.requested_by, "Who asked for it");
  v.shown("refused_for", e.refused_for, "Why it was refused");
  v.shown("fence", e.fence, "The position from which the subjects are gone");
  v.shown("inaccessible_since", e.inaccessible_since, "Nobody can read anything since");
  v.shown("irrecoverable_since", e.irrecoverable_since, "Their keys exist nowhere since");
  v.shown("epoch_before", e.epoch_before, "The epoch of keys that was destroyed");
  v.shown("epoch_after", e.epoch_after, "The epoch of keys that followed");
  v.shown("places", e.places, "What the key of the epoch was destroyed in");
  v.shown("certificate", e.certificate, "What was removed");
}

void LegalHold::evolve(const LegalHoldPlaced& e, const EventInfo& /*info*/) {
  id = e.hold;
  subjects = subjects_of(e);
  matter = e.matter;
  review_on = e.review_on;
}

void LegalHold::evolve(const LegalHoldLifted& /*e*/, const EventInfo& /*info*/) { lifted = true; }

void LegalHold::describe(FieldVisitor& v, LegalHold& h) {
  v.shown("id", h.id, "The hold");
  v.shown("subjects", h.subjects, "Whose data is kept");
  v.shown("matter", h.matter, "Number of the matter");
  v.shown("review_on", h.review_on, "When to look at it again");
  v.shown("lifted", h.lifted, "Whether it has ended");
}

// ---- commands -----------------------------------------------------------------------------------

void RequestErasure::describe(FieldVisitor& v, RequestErasure& c) {
  SubjectList::describe(v, c.subjects);
  v.fact("ground", c.ground, "Why");
}

Result<ErasureModel> RequestErasure::load(ModelReader& reader) const {
  ErasureModel model;
  FACTUM_TRY(model.self, reader.fold<Erasure>(id));
  if (is_countable(subjects)) {
    FACTUM_TRY(model.subjects, standing_of(reader, subjects, id));
  }
  return model;
}

Result<Decision> RequestErasure::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (model.self.exists()) return decision;
  FACTUM_CHECK(check_subjects(decision, subjects, model.subjects, context));
  decision.emit(ErasureRequested{id, subjects.customers, subjects.contacts, subjects.users, ground},
                context);
  return decision;
}

void ApproveErasure::describe(FieldVisitor& /*v*/, ApproveErasure& /*c*/) {}

Result<ErasureModel> ApproveErasure::load(ModelReader& reader) const {
  return load_erasure(reader, id);
}

Result<Decision> ApproveErasure::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Erasure& now = model.self.state;
  if (now.status != ErasureStatus::requested && now.status != ErasureStatus::refused)
    return decision;
  FACTUM_CHECK(
      decision.require(now.status == ErasureStatus::requested, rules::kErasureStatus, context));
  FACTUM_CHECK(check_standing(decision, model.subjects, context));
  const bool alone = now.subjects.size() > 1 && now.requested_by == context.actor;
  FACTUM_CHECK(decision.require(!alone, rules::kErasureTwoPersons, context));
  decision.emit(ErasureApproved{id}, context);
  return decision;
}

void RefuseErasure::describe(FieldVisitor& v, RefuseErasure& c) {
  v.fact("ground", c.ground, "Why");
}

Result<Decision> RefuseErasure::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Erasure& now = model.self.state;
  if (now.status == ErasureStatus::refused && now.refused_for == ground) return decision;
  const bool waits =
      now.status == ErasureStatus::requested || now.status == ErasureStatus::approved;
  FACTUM_CHECK(decision.require(waits, rules::kErasureStatus, context));
  decision.emit(ErasureRefused{id, ground}, context);
  return decision;
}

void StartErasure::describe(FieldVisitor& v, StartErasure& c) {
  v.fact("keys", c.keys, "All keys of the subjects");
}

Result<ErasureModel> StartErasure::load(ModelReader& reader) const {
  return load_erasure(reader, id);
}

Result<Decision> StartErasure::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Erasure& now = model.self.state;
  FACTUM_CHECK(
      decision.require(now.status == ErasureStatus::approved, rules::kErasureStatus, context));
  FACTUM_CHECK(check_standing(decision, model.subjects, context));
  for (const DataKeyId& key : keys) decision.fenced_keys.push_back(key.uuid);
  decision.emit(
      ErasureStarted{id, now.subjects.customers, now.subjects.contacts, now.subjects.users, keys},
      context);
  return decision;
}

void RecordKeyDestruction::describe(FieldVisitor& v, RecordKeyDestruction& c) {
  v.fact("epoch_before", c.epoch_before, "The epoch of keys that was destroyed");
  v.fact("epoch_after", c.epoch_after, "The epoch of keys that follows");
  v.fact("places", c.places, "What its key was destroyed in");
}

Result<Decision> RecordKeyDestruction::decide(const Model& model,
                                              const DecisionContext& context) const {
  Decision decision;
  FACTUM_CHECK(decision.require(model.self.state.status == ErasureStatus::started,
                                rules::kErasureStatus, context));
  decision.emit(SubjectKeyDestroyed{id, epoch_before, epoch_after, places}, context);
  return decision;
}

void CertifyErasure::describe(FieldVisitor& v, CertifyErasure& c) {
  v.fact("keys", c.keys, "Keys destroyed");
  v.fact("ciphertexts", c.ciphertexts, "Ciphertexts removed from the log");
  v.fact("views", c.views, "Views built anew without them");
}

Result<Decision> CertifyErasure::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const Erasure& now = model.self.state;
  FACTUM_CHECK(
      decision.require(now.status == ErasureStatus::destroyed, rules::kErasureStatus, context));
  decision.emit(ErasureCertified{id, keys, ciphertexts, views, *now.inaccessible_since,
                                 *now.irrecoverable_since},
                context);
  return decision;
}

void PlaceLegalHold::describe(FieldVisitor& v, PlaceLegalHold& c) {
  SubjectList::describe(v, c.subjects);
  v.fact("matter", c.matter, "Number of the matter, a code; nothing about people", non_empty(200));
  v.fact("review_on", c.review_on, "When to look at it again");
}

Result<HoldModel> PlaceLegalHold::load(ModelReader& reader) const {
  HoldModel model;
  FACTUM_TRY(model.self, reader.fold<LegalHold>(id));
  if (is_countable(subjects)) {
    FACTUM_TRY(model.subjects, standing_of(reader, subjects, ErasureId{}));
  }
  return model;
}

Result<Decision> PlaceLegalHold::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  if (model.self.exists()) return decision;
  FACTUM_CHECK(check_subjects(decision, subjects, model.subjects, context));
  decision.emit(
      LegalHoldPlaced{id, subjects.customers, subjects.contacts, subjects.users, matter, review_on},
      context);
  return decision;
}

void LiftLegalHold::describe(FieldVisitor& /*v*/, LiftLegalHold& /*c*/) {}

Result<Decision> LiftLegalHold::decide(const Model& model, const DecisionContext& context) const {
  Decision decision;
  const LegalHold& now = model.self.state;
  if (!now.lifted)
    decision.emit(
        LegalHoldLifted{id, now.subjects.customers, now.subjects.contacts, now.subjects.users},
        context);
  return decision;
}

}  // namespace factum::crm
