// Backups of the running service: making one, and how far it is.
#include "api/answers.hpp"
#include "api/backup_job.hpp"
#include "api/problem.hpp"
#include "api/routes.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"

namespace factum::api {
namespace {

constexpr std::int64_t kKeepMax = 1'000'000;
constexpr std::size_t kListedMax = 100;

struct BackupRequest {
  Uuid log_id;
  Uuid run;
  std::optional<std::int64_t> keep;

  static void describe(FieldVisitor& v, BackupRequest& r) {
    v.shown("log_id", r.log_id, "The log that is meant, as in DATA/serving");
    v.shown("run", r.run, "The run of the program that is meant, as in DATA/serving");
    v.shown("keep", r.keep, "Drop older backups so that this many are left; absent = none goes",
            between(1, kKeepMax));
  }
};

struct BackupItem {
  std::int64_t id = 0;
  Timestamp created;
  Timestamp verified;
  Uuid log_id;
  Position head;
  std::string root;
  std::int64_t bytes = 0;
  std::int64_t new_bytes = 0;

  static void describe(FieldVisitor& v, BackupItem& b) {
    v.shown("id", b.id, "Number of the backup");
    v.shown("created", b.created, "When it was begun: everything recorded until then is in it");
    v.shown("verified", b.verified, "When it was read again as a whole, and found right");
    v.shown("log_id", b.log_id, "The log it is of");
    v.shown("head", b.head, "The last position in it");
    v.shown("root", b.root, "Root of the Merkle tree up to there, base64");
    v.shown("bytes", b.bytes, "Size of its files");
    v.shown("new_bytes", b.new_bytes, "What it added to the folder of backups");
  }
};

struct BackupList {
  std::vector<BackupItem> data;
  std::optional<BackupRun> last_run;

  static void describe(FieldVisitor& v, BackupList& l) {
    v.shown("data", l.data, "The newest hundred finished backups, oldest first",
            at_most(kListedMax));
    v.shown("last_run", l.last_run, "How the backup that was asked for last stands");
  }
};

BackupItem item_of(const LogBackup& backup) {
  return {backup.id,   backup.created, backup.verified, backup.log_id,
          backup.head, backup.root,    backup.bytes,    backup.new_bytes};
}

Result<BackupJob*> job_of(const Services& services, const Call& call) {
  if (!call.request->from_loopback)
    return fail(ErrorCode::forbidden, "backups are made and listed from this machine only");
  if (services.backups == nullptr)
    return fail(ErrorCode::unavailable, "this service has no folder of backups");
  return services.backups;
}

Result<HttpResponse> list_backups(const Services& services, const Call& call) {
  FACTUM_TRY(const auto job, job_of(services, call));
  FACTUM_TRY(const auto backups, job->list(kListedMax));
  BackupList list;
  for (const LogBackup& backup : backups) list.data.push_back(item_of(backup));
  list.last_run = job->last();
  return json_response(to_json(list));
}

// Reads no file: who waits for a backup asks often.
Result<HttpResponse> last_run(const Services& services, const Call& call) {
  FACTUM_TRY(const auto job, job_of(services, call));
  const auto run = job->last();
  if (!run) return fail(ErrorCode::not_found, "no backup was asked for since the start");
  return json_response(to_json(*run));
}

Result<HttpResponse> make_backup(const Services& services, const Call& call) {
  FACTUM_TRY(const auto asked, from_json<BackupRequest>(call.request->body));
  FACTUM_TRY(const auto job, job_of(services, call));
  if (ServedRun{asked.log_id, asked.run} != job->served())
    return problem_response(HttpProblem::another_run,
                            "this server serves another log, or is another run of the program",
                            call.request_id.to_string());
  const auto run = job->start(static_cast<std::size_t>(asked.keep.value_or(0)));
  if (!run) return problem_response(HttpProblem::already_running, {}, call.request_id.to_string());
  HttpResponse response = json_response(to_json(*run));
  response.status = 202;
  return response;
}

using Answer = Result<HttpResponse> (*)(const Services&, const Call&);

Handler handler_of(const Services& services, Answer answer) {
  return [&services, answer](const std::shared_ptr<const Call>& call, const Respond& respond) {
    respond(response_of(answer(services, *call), *call));
  };
}

}  // namespace

void add_backup_routes(Routes& routes) {
  Route list = make_route("GET", "/v1/backups");
  list.operation = "list_backups";
  list.summary = "The newest backups of the log, and how the one under way stands";
  list.response = shape_of<BackupList>();
  list.handler = [&services = routes.services()](const std::shared_ptr<const Call>& call,
                                                 const Respond& respond) {
    // Manifests may be large and many.
    respond_later(services, call, respond,
                  [&services, call] { return list_backups(services, *call); });
  };
  routes.add(std::move(list));
  Route last = make_route("GET", "/v1/backups/last");
  last.operation = "last_backup_run";
  last.summary = "How the backup that was asked for last stands";
  last.response = shape_of<BackupRun>();
  last.handler = handler_of(routes.services(), &last_run);
  routes.add(std::move(last));
  Route make = make_route("POST", "/v1/backups");
  make.operation = "make_backup";
  make.summary =
      "Begins a backup of the log and answers at once; GET /v1/backups/last tells how far "
      "it is";
  make.permission = "backups.write";
  make.request = shape_of<BackupRequest>();
  make.response = shape_of<BackupRun>();
  make.success = 202;
  make.handler = handler_of(routes.services(), &make_backup);
  routes.add(std::move(make));
}

}  // namespace factum::api
