// A client of five vendors of videos, for Node 18 or newer, without dependencies: submits one job, waits for it, and
// says where the video is. It stands for a client of yours: VENDOR names the vendor, the rest comes from the
// environment that the page "Judge your client" describes.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const { UNDERSTUDY_BASE_URL: base, UNDERSTUDY_API_KEY: key, UNDERSTUDY_REQUEST: file, VENDOR: vendor } = process.env;
const PATIENCE_MS = 15_000, CALL_MS = 5_000, PAUSE_MS = 100, NOT_FOUND_MAX = 5;
const until = Date.now() + PATIENCE_MS;

class NoVideo extends Error {}

const klingStyle = {
  task: (answer) => (answer.code === 0 ? answer.data : undefined),
  id: (task) => task.task_id,
  word: (task) => task.task_status,
  url: (task) => task.task_result?.videos?.[0]?.url,
  reason: (task) => task.task_status_msg,
  done: "succeed",
  failed: "failed",
  poll: (submit, id) => `${submit}/${id}`,
  unknown: 404,
};
const mule = "/vendors/klingai/v1/kling-v3";
// How each vendor is spoken to: where jobs go, where they are read, and where what stands in an answer.
const apis = {
  mulerouter: {
    submits: {
      createTextToVideo: `${mule}/text-to-video/generation`,
      createImageToVideo: `${mule}/image-to-video/generation`,
    },
    task: (answer) => ({ ...answer.task_info, videos: answer.videos }),
    id: (task) => task.id,
    word: (task) => task.status,
    url: (task) => task.videos?.[0],
    reason: (task) => task.error?.detail,
    done: "completed",
    failed: "failed",
    poll: (submit, id) => `${submit}/${id}`,
    unknown: 404,
  },
  kling: {
    ...klingStyle,
    submits: { createTextToVideo: "/v1/videos/text2video", createImageToVideo: "/v1/videos/image2video" },
  },
  powertokens: { ...klingStyle, submits: { createTextToVideo: "/kling/v1/videos/text2video" }, unknown: 400 },
  myrouter: {
    submits: { createTextToVideo: "/v3/async/kling-v3.0-pro-t2v" },
    task: (answer) => ({ task_id: answer.task_id, ...answer.task, videos: answer.videos }),
    id: (task) => task.task_id,
    word: (task) => task.status,
    url: (task) => task.videos?.[0]?.video_url,
    reason: (task) => task.reason,
    done: "TASK_STATUS_SUCCEED",
    failed: "TASK_STATUS_FAILED",
    poll: (_, id) => `/v3/async/task-result?task_id=${id}`,
    unknown: 404,
  },
  uniall: {
    submits: { createVideo: "/v1/video/generations" },
    task: (answer) => answer,
    id: (task) => task.id,
    word: (task) => task.status,
    url: (task) => task.video_url,
    reason: (task) => task.error?.message,
    done: "completed",
    failed: "failed",
    poll: (_, id) => `/v1/videos/${id}`,
    unknown: 400,
  },
};

/** Status, Retry-After and the task of an answer; what did not come, or can't be read, is undefined. */
async function call(api, method, path, body) {
  try {
    const answer = await fetch(base + path, {
      method,
      body: body && JSON.stringify(body),
      headers: { Authorization: `Bearer ${key}`, ...(body && { "Content-Type": "application/json" }) },
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_MS),
    });
    const said = { status: answer.status, wait: answer.headers.get("retry-after") };
    try {
      said.task = answer.ok ? api.task(JSON.parse(await answer.text())) : void (await answer.text());
    } catch {
      // The status came, and what it says did not.
    }
    return said;
  } catch {
    return {};
  }
}

async function pause(wait) {
  let ms = PAUSE_MS;
  if (wait) ms = /^\d+$/.test(wait) ? 1000 * wait : Math.max(ms, Date.parse(wait) - Date.now() || 0);
  if (Date.now() + ms > until) throw new NoVideo("gave up waiting");
  await sleep(ms);
}

/** The task's id. Only what surely made no task is sent again. */
async function submit(api, path, body) {
  for (;;) {
    const { status, wait, task } = await call(api, "POST", path, body);
    const id = task && api.id(task);
    if (id) return encodeURIComponent(id);
    if (status !== 429 && !(status === 503 && wait)) throw new NoVideo(`refused, or nobody knows: ${status}`);
    await pause(wait);
  }
}

/** The URL of the task's video. */
async function result(api, path) {
  for (let notFound = 0; ; ) {
    const { status, wait, task } = await call(api, "GET", path);
    const word = task && api.word(task);
    if (word === api.failed) throw new NoVideo(`failed: ${api.reason(task)}`);
    if (word === api.done) {
      const url = api.url(task);
      if (!url) throw new NoVideo("done, and no video");
      return url;
    }
    if (status === api.unknown) notFound += 1;
    const isRefused = status >= 300 && status < 500 && status !== 429 && status !== api.unknown;
    if (isRefused || notFound > NOT_FOUND_MAX) throw new NoVideo(`the task can't be read: ${status}`);
    await pause(wait);
  }
}

try {
  const api = apis[vendor];
  if (!api) throw new NoVideo(`VENDOR is one of ${Object.keys(apis).join(", ")}`);
  const { operation, body } = JSON.parse(readFileSync(file, "utf8"));
  const path = api.submits[operation];
  console.log(await result(api, api.poll(path, await submit(api, path, body))));
} catch (problem) {
  console.error(problem.message);
  process.exitCode = 1;
}
