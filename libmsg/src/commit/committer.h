// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "commit/batch.h"
#include "commit/commit.h"
#include "commit/gathering.h"
#include "commit/round.h"
#include "msg/messenger.h"
#include "store/store.h"

namespace msg {

/// What is known of a piece of work before it is done.
struct WorkHint {
  std::size_t bytes{0};          ///< What it holds in memory.
  std::optional<Touch> touch{};  ///< What it will read first, for stores that load in bulk.
};

/// Group commit (DeWitt et al. 1984): one thread owns all writing. It takes whatever waits, does it
/// in order in one transaction, commits once, hands the events on and then completes the callers.
/// While one commit is on its way to the disk the next batch gathers, and a little longer when
/// those who have just been answered are likely to call again (gathering.h): a lone caller never
/// waits for company, and a crowd shares the cost of the disk. A batch may grow until it is
/// committed, on stores that need not know all of it first: what is there is done before the rest
/// is waited for.
///
/// Work that fails a check fails alone; a failing store fails the batch, with what has come to it
/// and was not tried, after a few more attempts where it says that these may succeed. Queue and
/// batch are bounded in entries and bytes: beyond the queue's callers get `overloaded` at once.
///
/// Thread safety: any thread. What waits for a Round, run() too, not from completions or event
/// handlers.
class Committer {
 public:
  using Publish = std::function<void(const Commit&)>;

  /// `store` must outlive the committer. `last` is the store's newest version, `own` that of this
  /// writer.
  Committer(Store& store, Version last, Version own, const Options& options, Publish publish);
  /// Finishes everything that was accepted.
  ~Committer();

  /// `work`, Result<T>(Batch&), may be done again, in a new batch, when the store asks for it, so
  /// it leaves its captures as they are. `done` is called exactly once; see Completion.
  template <class T, class Work>
  void submit(Work work, Completion<T> done, WorkHint hint = {}) {
    enqueue(std::make_unique<TypedJob<T, Work, Completion<T>>>(std::move(work), std::move(done),
                                                               std::move(hint), false));
  }

  /// The same for a caller who waits: until the Round has ended, or not at all when it is null,
  /// `outcome` belongs to the committing thread. Rounds end in the order of the calls. `outcome`
  /// comes as unfinished(): should telling it run out of memory, that is what stays.
  template <class T, class Work>
  std::shared_ptr<Round> submit_awaited(Work work, Result<T>& outcome, WorkHint hint = {}) {
    auto done = [&outcome](Result<T> result) { outcome = std::move(result); };
    return enqueue(std::make_unique<TypedJob<T, Work, decltype(done)>>(std::move(work), done,
                                                                       std::move(hint), true));
  }

  /// How much work was not begun.
  std::size_t queued();

  static std::unexpected<Error> unfinished() { return fail(Code::unavailable, "unfinished"); }

  /// The same, waiting for the outcome.
  template <class T, class Work>
  Result<T> run(Work work, WorkHint hint = {}) {
    Result<T> outcome = unfinished();
    const auto round = submit_awaited<T>(std::move(work), outcome, std::move(hint));
    if (round) round->wait();
    return outcome;
  }

 private:
  class Job {
   public:
    Job(WorkHint hint, bool is_awaited) : hint_(std::move(hint)), is_awaited_(is_awaited) {}
    virtual ~Job() = default;
    /// False when the work failed.
    virtual bool perform(Batch& batch) = 0;
    virtual const Error& error() const = 0;
    /// Tells the caller its own outcome, or `error` when there is one.
    virtual void finish(const Error* error) = 0;
    const WorkHint& hint() const { return hint_; }
    /// Somebody sleeps until the round ends.
    bool is_awaited() const { return is_awaited_; }

   private:
    WorkHint hint_;
    bool is_awaited_;
  };

  template <class T, class Work, class Done>
  class TypedJob final : public Job {
   public:
    TypedJob(Work work, Done done, WorkHint hint, bool is_awaited)
        : Job(std::move(hint), is_awaited), work_(std::move(work)), done_(std::move(done)) {}

    bool perform(Batch& batch) override {
      outcome_.emplace(work_(batch));
      return outcome_->has_value();
    }
    const Error& error() const override { return outcome_->error(); }
    void finish(const Error* error) override {
      done_(error ? Result<T>(std::unexpected(*error)) : *std::move(outcome_));
    }

   private:
    Work work_;
    Done done_;
    std::optional<Result<T>> outcome_;
  };
  using Jobs = std::vector<std::unique_ptr<Job>>;
  /// What one commit takes: at most Options::commit_batch_max jobs. The first of the queue is
  /// open: it is worked on while it grows. When it is about to be committed it leaves the queue.
  struct Load {
    Jobs jobs;
    std::shared_ptr<Round> round{std::make_shared<Round>()};
    std::size_t bytes{0};
    std::size_t begun{0};  ///< How many jobs were taken up.
    std::optional<std::chrono::steady_clock::time_point> deadline{};  ///< For the rest to come.
    std::chrono::steady_clock::duration waited{};
  };

  /// Null when the job was refused, and told so.
  std::shared_ptr<Round> enqueue(std::unique_ptr<Job> job);
  bool is_full(const Load& load, std::size_t bytes) const;
  void loop();
  bool wait_for_work();
  std::vector<Job*> take_more(std::optional<Load>& load);
  void gather(std::unique_lock<std::mutex>& lock, Load& open);
  void close(std::optional<Load>& load);
  Result<Commit> commit(std::optional<Load>& load, std::unique_ptr<WriteTransaction>& transaction);
  Result<Commit> attempt(std::optional<Load>& load, std::unique_ptr<WriteTransaction>& transaction);
  void go_on_from(Version newest);
  Result<void> write(Batch& batch, WriteTransaction& transaction);
  Result<void> sweep(WriteTransaction& transaction, Time now);
  void finish(const Load& load, const Error* error);
  void finish(Job& job, const Error* error);

  Store& store_;
  const Options& options_;
  Publish publish_;
  VersionClock clock_;
  IdSource ids_;
  Gathering gathering_;
  Life life_;  ///< The present one; see core/horizon.h.
  bool is_life_stored_{false};
  Version committed_{};  ///< The newest version that was certainly committed here.
  Version own_;          ///< Or before.
  std::optional<Time> next_sweep_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Load> queue_;
  std::size_t queue_size_{0};  ///< Jobs that were not begun.
  std::size_t queue_bytes_{0};
  std::size_t wake_at_{1};  ///< Size of the first load that the committing thread waits for.
  bool stopping_{false};
  std::thread thread_;  // last: it uses all the others
};

}  // namespace msg
